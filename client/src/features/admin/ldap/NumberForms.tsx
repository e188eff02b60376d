/** The ten written forms of a number, each shown with an example as the node's location writes it. */
import { NUMBER_FORMATS } from "@core/admin/ldap";
import type { AdminLocation } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { useId, useState } from "react";

const EXAMPLES: Record<string, string> = { IT: "+390612345678", DE: "+493012345678", AT: "+43112345678", CH: "+41441234567", GB: "+442079460123" };

interface FormsProps {
  value: string;
  location: AdminLocation | undefined;
  onChange: (form: string) => void;
}

export function NumberForms({ value, location, onChange }: FormsProps) {
  const app = useApp();
  const { t } = useTexts();
  const name = useId();
  const usual = EXAMPLES[String(location?.country ?? "")] ?? "+442079460123";
  const [typed, setTyped] = useState<string | null>(null);
  const number = typed ?? usual;
  const { value: explained } = useLoad(
    (signal) => (location && number.trim() ? app.api.admin.explain({ location, number, direction: "stored" }, signal) : Promise.resolve(null)),
    JSON.stringify([location?.id, number]),
  );
  return (
    <fieldset className="option-list">
      <legend>{t("ldap.numberFormat")}</legend>
      <label className="row" style={{ marginBottom: 4 }}><span className="field-help">{t("ldap.example")}</span><input className="filter grow" inputMode="tel" value={number} onChange={(event) => setTyped(event.target.value)} /></label>
      {NUMBER_FORMATS.map((form, code) => (
        <label key={form} className="level">
          <input type="radio" name={name} value={form} checked={value === form} onChange={() => onChange(form)} />
          <span>{t(`location.format.${code}` as "location.format.0")}</span>
          <span className="mono" data-testid={`example-${form}`}>{explained?.formats[code] ?? ""}</span>
        </label>
      ))}
    </fieldset>
  );
}
