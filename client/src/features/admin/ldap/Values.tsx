/** Settings of a telephone under its own names, each with a button that copies the value. */
import type { PhoneValue } from "@core/admin/phones";
import { useTexts } from "@ui/hooks";
import { CopyButton } from "@ui/CopyButton";

export function Values({ values, label, secret }: { values: readonly PhoneValue[]; label: string; secret: string }) {
  const { t } = useTexts();
  return (
    <table className="values" aria-label={label}>
      <colgroup><col className="value-name" /><col /><col className="value-copy" /></colgroup>
      <thead className="sr"><tr><th scope="col">{t("ldap.setting")}</th><th scope="col">{t("ldap.value")}</th><th scope="col">{t("ldap.column.actions")}</th></tr></thead>
      <tbody>
        {values.map(({ setting, value, kind }) => (
          <tr key={setting}>
            <th scope="row" lang="en">{setting}</th>
            <td>{kind === "password" ? <span className="muted">{secret}</span> : <code className="mono">{value}</code>}</td>
            <td className="value-copy">{!kind && value && <CopyButton text={value} label={setting} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
