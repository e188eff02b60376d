/** Puts a text on the clipboard, and says so. */
import { useEffect, useState } from "react";
import { useTexts } from "./hooks";
import { Icon } from "./Icon";

const SHOWN_MS = 2000;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTexts();
  const [done, setDone] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text); // there is none where the page did not come over https
      setDone("copied");
    } catch {
      setDone("refused");
    }
  };
  return (
    <button type="button" className="tool copy" aria-label={t("copy.what", { what: label })} onClick={() => void copy()}>
      <Icon name={done === "copied" ? "check" : "copy"} size={16} />
      <span className="copy-said" role="status">{done && t(`copy.${done}`)}</span>
    </button>
  );
}
