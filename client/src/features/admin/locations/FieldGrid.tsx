/** The plain fields of a location: what they are called, what they do, and what is wrong with them. */
import type { AdminLocation } from "@core/api/types";
import { useTexts } from "@ui/hooks";
import { NumberInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { LocationField } from "./fields";

/** What a field is for stands below it, so that fields side by side are in line. */
const ORDER: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];

interface GridProps {
  fields: readonly LocationField[];
  value: AdminLocation;
  onChange: (change: Record<string, unknown>) => void;
  wrong: { field: string; text: string } | null;
}

export function FieldGrid({ fields, value, onChange, wrong }: GridProps) {
  const shown = (field: LocationField) => (
    <div key={field.key} style={field.wide ? { gridColumn: "1 / -1" } : undefined}>
      <OneField field={field} value={value[field.key]} onChange={(next) => onChange({ [field.key]: next })} error={wrong?.field.startsWith(field.key) ? wrong.text : null} />
    </div>
  );
  const switches = fields.filter((field) => field.kind === "switch");
  return (
    <>
      <div className="two">{fields.filter((field) => field.kind !== "switch").map(shown)}</div>
      {switches.length > 0 && <div className="two switches">{switches.map(shown)}</div>}
    </>
  );
}

function OneField({ field, value, onChange, error }: { field: LocationField; value: unknown; onChange: (value: unknown) => void; error: string | null }) {
  const { t, word, has } = useTexts();
  const helpKey = `location.${field.key}.help`;
  const common = { label: word("location", field.key), description: has(helpKey) ? t(helpKey) : undefined, error, inputWrapperOrder: ORDER };
  switch (field.kind) {
    case "text":
      return <TextInput {...common} value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "number":
      return <NumberInput {...common} value={typeof value === "number" ? value : 0} min={0} max={20} onChange={(next) => onChange(Number(next) || 0)} />;
    case "switch":
      return <Switch label={common.label} description={common.description} error={error} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "list":
      return <ListField {...common} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
    case "choice":
      return (
        <Select
          {...common} allowDeselect={false} data={(field.choices ?? []).map((choice) => ({ value: String(choice.value), label: t(choice.label) }))} value={String(value ?? field.choices?.[0]?.value ?? "")}
          onChange={(next) => onChange(field.choices?.find((choice) => String(choice.value) === next)?.value)}
        />
      );
    case "json":
      return <JsonField {...common} value={value} onChange={onChange} />;
  }
}

interface Described {
  inputWrapperOrder: typeof ORDER;
  label: string;
  description?: string | undefined;
  error: string | null;
}

/** Several short texts, separated by commas. */
function ListField({ value, onChange, ...common }: Described & { value: string[]; onChange: (value: string[]) => void }) {
  const [text, setText] = useState(value.join(", "));
  return (
    <TextInput
      {...common} value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(event.currentTarget.value.split(",").map((part) => part.trim()).filter(Boolean));
      }}
    />
  );
}

/** Rare tables as JSON: shown whole, checked as it is typed. */
function JsonField({ value, onChange, ...common }: Described & { value: unknown; onChange: (value: unknown) => void }) {
  const { t } = useTexts();
  const [text, setText] = useState(value === undefined ? "[]" : JSON.stringify(value, null, 2));
  const [broken, setBroken] = useState(false);
  return (
    <Textarea
      {...common} error={broken ? t("location.notJson") : common.error} autosize minRows={2} maxRows={12} value={text} styles={{ input: { fontFamily: "monospace", fontSize: 13 } }}
      onChange={(event) => {
        setText(event.currentTarget.value);
        try {
          onChange(JSON.parse(event.currentTarget.value));
          setBroken(false);
        } catch {
          setBroken(true);
        }
      }}
    />
  );
}
