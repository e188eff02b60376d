/** Lines for the server's settings file, with a button that copies them. */
import { useTexts } from "@ui/hooks";
import { CopyButton } from "@ui/CopyButton";

export function Setting({ text }: { text: string }) {
  const { t } = useTexts();
  return <span className="row" style={{ alignItems: "flex-start" }}><code className="mono" style={{ whiteSpace: "pre" }}>{text}</code><CopyButton text={text} label={t("ldap.settings")} /></span>;
}
