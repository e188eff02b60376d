/** The fields of a contact, in groups. */
import { type Group, GROUPS } from "@core/admin/fields";
import { useTexts } from "@ui/hooks";

interface ChoiceProps {
  label: string;
  value: string;
  empty: string;
  wrong: boolean;
  onChange: (field: string) => void;
}

export function useFieldWords(): (field: string) => string {
  const { t, word } = useTexts();
  return (field) => {
    if (field.startsWith("custom.")) return t("field.custom", { name: field.slice(7) });
    if (field.endsWith(".canonical")) return t("field.canonical", { field: word("field", field.slice(0, -10)) });
    return word("field", field);
  };
}

export function FieldChoice({ label, value, empty, wrong, onChange }: ChoiceProps) {
  const { t } = useTexts();
  const words = useFieldWords();
  const known = Object.values(GROUPS).some((fields) => fields.includes(value));
  return (
    <select className="select" aria-label={label} aria-invalid={wrong || undefined} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{empty}</option>
      {value !== "" && !known && <option value={value}>{words(value)}</option>}
      {(Object.keys(GROUPS) as Group[]).map((group) => (
        <optgroup key={group} label={t(`fields.${group}`)}>{GROUPS[group].map((field) => <option key={field} value={field}>{words(field)}</option>)}</optgroup>
      ))}
    </select>
  );
}
