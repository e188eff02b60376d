/** Settings as their own declaration describes them: of connectors, of sources. A stored secret is never shown and stays unless one is typed. */
import type { SchemaField } from "@core/admin/schema";
import { useTexts } from "@ui/hooks";
import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

interface FormProps {
  fields: readonly SchemaField[];
  values: Readonly<Record<string, unknown>>;
  onChange: (key: string, value: unknown) => void;
  /** Which setting was refused, and why. */
  wrong?: { field: string; text: string } | null;
  /** Whether there is something stored, with its secrets. */
  stored: boolean;
  choiceWords?: (choice: string) => string;
}

export function SettingsForm({ fields, values, onChange, wrong, stored, choiceWords = (choice) => choice }: FormProps) {
  return (
    <div className="stack" style={{ gap: 12 }}>
      {fields.map((field) => (
        <SettingField key={field.key} field={field} value={values[field.key]} error={wrong?.field === field.key ? wrong.text : null} stored={stored} choiceWords={choiceWords} onChange={(value) => onChange(field.key, value)} />
      ))}
    </div>
  );
}

interface FieldProps {
  field: SchemaField;
  value: unknown;
  error: string | null;
  stored: boolean;
  choiceWords: (choice: string) => string;
  onChange: (value: unknown) => void;
}

function SettingField({ field, value, error, stored, choiceWords, onChange }: FieldProps) {
  const { t } = useTexts();
  const common = { label: field.title, description: field.description, error, required: field.required && !(field.kind === "password" && stored), withAsterisk: false };
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  switch (field.kind) {
    case "switch":
      return <Switch label={field.title} description={field.description} error={error} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "choice":
      return <Select {...common} data={field.choices.filter(Boolean).map((choice) => ({ value: choice, label: choiceWords(choice) }))} value={text || null} allowDeselect={!field.required && field.choices.includes("")} clearable={field.choices.includes("")} placeholder={field.choices.includes("") ? t("form.foundOut") : ""} onChange={(next) => onChange(next ?? "")} />;
    case "integer":
    case "number":
      return <NumberInput {...common} value={text === "" ? "" : Number(text)} allowDecimal={field.kind === "number"} hideControls {...(field.minimum !== undefined ? { min: field.minimum } : {})} {...(field.maximum !== undefined ? { max: field.maximum } : {})} onChange={(next) => onChange(next === "" ? undefined : Number(next))} />;
    case "password":
      return <PasswordInput {...common} value={text} autoComplete="new-password" placeholder={stored ? t("connector.unchanged") : ""} visibilityToggleButtonProps={{ "aria-label": t("signin.showPassword") }} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "list":
      return <Textarea {...common} autosize minRows={2} placeholder={t("connector.onePerLine")} value={Array.isArray(value) ? value.join("\n") : ""} onChange={(event) => onChange(event.currentTarget.value.split("\n").filter((line, index, all) => line.trim() !== "" || index === all.length - 1))} onBlur={() => Array.isArray(value) && onChange(value.map((line) => String(line).trim()).filter(Boolean))} />;
    case "json":
      return <JsonSetting label={field.title} description={field.description} value={value} onChange={onChange} />;
    case "text":
      return <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
}

function JsonSetting({ label, description, value, onChange }: { label: string; description: string; value: unknown; onChange: (value: unknown) => void }) {
  const { t } = useTexts();
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));
  const [broken, setBroken] = useState(false);
  const read = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() ? JSON.parse(next) : undefined);
      setBroken(false);
    } catch {
      setBroken(true);
    }
  };
  return <Textarea label={label} description={description} error={broken ? t("location.notJson") : null} autosize minRows={2} value={text} onChange={(event) => read(event.currentTarget.value)} />;
}
