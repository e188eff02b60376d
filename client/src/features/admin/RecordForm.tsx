/** A form from a list of fields; used by people, groups, lines and connectors. */
import type { Key } from "@core/i18n/translate";
import { useTexts } from "@ui/hooks";
import { MultiSelect, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";

export interface Option {
  value: string;
  label: string;
}

export interface FieldSpec {
  key: string;
  label: Key;
  kind: "text" | "lines" | "password" | "switch" | "select" | "multi";
  help?: Key;
  required?: boolean;
  options?: readonly Option[];
  /** What null means, if it is not "nothing". */
  nothing?: Key;
  /** How it is called, and explained, while the record does not exist yet. */
  fresh?: { label: Key; help: Key };
  /** A select that may be empty. */
  clearable?: boolean;
}

export type Values = Record<string, unknown>;

interface FormProps {
  fields: readonly FieldSpec[];
  values: Values;
  onChange: (key: string, value: unknown) => void;
  /** Which field the server refused. */
  wrong?: { field: string; text: string } | null;
}

export function RecordForm({ fields, values, onChange, wrong }: FormProps) {
  return (
    <div className="stack" style={{ gap: 12 }}>
      {fields.map((field) => (
        <RecordField key={field.key} field={field} value={values[field.key]} onChange={(value) => onChange(field.key, value)} error={wrong?.field === field.key ? wrong.text : null} />
      ))}
    </div>
  );
}

function RecordField({ field, value, onChange, error }: { field: FieldSpec; value: unknown; onChange: (value: unknown) => void; error: string | null }) {
  const { t } = useTexts();
  const common = { label: t(field.label), description: field.help ? t(field.help) : undefined, error, name: field.key };
  const text = typeof value === "string" ? value : "";
  const nothing = t("admin.nothingFound");
  switch (field.kind) {
    case "text":
      return <TextInput {...common} value={text} required={field.required ?? false} withAsterisk={false} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "lines":
      return <Textarea {...common} value={Array.isArray(value) ? value.join("\n") : ""} autosize minRows={1} maxRows={8} onChange={(event) => onChange(event.currentTarget.value === "" ? [] : event.currentTarget.value.split("\n"))} />;
    case "password":
      return <PasswordInput {...common} value={text} autoComplete="new-password" visibilityToggleButtonProps={{ "aria-label": t("signin.showPassword") }} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "switch":
      return <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "select":
      return <Select {...common} data={[...(field.options ?? [])]} value={text || null} clearable={field.clearable ?? false} placeholder={field.nothing ? t(field.nothing) : undefined} searchable nothingFoundMessage={nothing} onChange={(next) => onChange(next ?? "")} />;
    case "multi":
      return <MultiSelect {...common} data={[...(field.options ?? [])]} value={Array.isArray(value) ? (value as string[]) : []} searchable hidePickedOptions nothingFoundMessage={nothing} onChange={onChange} />;
  }
}
