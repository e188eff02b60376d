/** Settings of one link: the form comes from the connector's own declaration; the test says how far it gets. */
import { initialValues, type SchemaField, schemaFields } from "@core/admin/schema";
import type { AdminConnector, ConnectorKind, ConnectorTest } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Notice, ProblemNotice } from "@ui/parts";
import { Button, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { LinkFault } from "../faults";
import { Trace } from "./Trace";

interface FormProps {
  item: AdminConnector | null;
  kinds: readonly ConnectorKind[];
  onDone: (words: string) => void;
}

export function ConnectorForm({ item, kinds, onDone }: FormProps) {
  const app = useApp();
  const { t } = useTexts();
  const problemText = useProblemText();
  const [kind, setKind] = useState(item?.kind ?? kinds[0]?.key ?? "");
  const [name, setName] = useState(item?.name ?? "");
  const [enabled, setEnabled] = useState(item?.enabled ?? true);
  const [location, setLocation] = useState(item?.location_id ?? "");
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [test, setTest] = useState<ConnectorTest | "running" | null>(null);
  const [removing, setRemoving] = useState(false);
  const { value: locations } = useLoad(() => app.api.admin.locations.list(), "locations");
  const declared = kinds.find((each) => each.key === kind);
  const fields = useMemo(() => (declared ? schemaFields(declared.settings) : []), [declared]);
  const settings = { ...initialValues(fields, item?.kind === kind ? item.settings : {}), ...values };
  const wrong = typeof problem?.data.field === "string" ? problem.data.field : "";
  const attempt = async (run: () => Promise<unknown>) => {
    try {
      await run();
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
      setTest(null);
    }
  };
  const save = () => attempt(async () => {
    const body = { name, kind, enabled, location_id: location, settings };
    await (item ? app.api.admin.connectors.replace(item.id, body) : app.api.admin.connectors.create(body));
    onDone(t("admin.saved", { name }));
  });
  const check = () => attempt(async () => {
    setTest("running");
    setTest(await app.api.admin.testConnector({ kind, settings, ...(item ? { id: item.id } : {}) }));
  });
  const remove = () => item && attempt(async () => {
    await app.api.admin.connectors.remove(item.id);
    onDone(t("admin.removed", { name: item.name }));
  });
  return (
    <form className="stack" style={{ gap: 12 }} onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <Select label={t("connector.kind")} description={declared?.description || declared?.versions.join(", ")} data={kinds.map((each) => ({ value: each.key, label: each.name }))} value={kind} allowDeselect={false} disabled={item !== null} onChange={(next) => setKind(next ?? "")} />
      <TextInput label={t("connector.name")} value={name} required withAsterisk={false} onChange={(event) => setName(event.currentTarget.value)} />
      <Select label={t("people.location")} description={t("connector.locationHelp")} clearable data={(locations?.items ?? []).map((each) => ({ value: each.id, label: each.name }))} value={location || null} onChange={(next) => setLocation(next ?? "")} />
      <Switch label={t("connector.enabled")} checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
      <hr style={{ width: "100%", border: 0, borderTop: "1px solid var(--line)" }} />
      {fields.map((field) => (
        <SettingField key={`${kind}:${field.key}`} field={field} value={settings[field.key]} error={wrong === field.key && problem ? problemText(problem) : null} stored={item !== null} onChange={(value) => setValues((now) => ({ ...now, [field.key]: value }))} />
      ))}
      {problem && <ProblemNotice problem={problem} />}
      {test && test !== "running" && <TestResult test={test} />}
      {item && <Trace id={item.id} />}
      <div className="row wrap">
        {item && !removing && <button type="button" className="tool" onClick={() => setRemoving(true)}><Icon name="trash" size={16} />{t("action.delete")}</button>}
        {item && removing && <Button color="red" variant="light" onClick={() => void remove()}>{t("admin.reallyDelete", { name: item.name })}</Button>}
        <span className="grow" />
        <Button variant="default" loading={test === "running"} onClick={() => void check()}>{t("connector.test")}</Button>
        <Button type="submit">{t("action.save")}</Button>
      </div>
    </form>
  );
}

function SettingField({ field, value, error, stored, onChange }: { field: SchemaField; value: unknown; error: string | null; stored: boolean; onChange: (value: unknown) => void }) {
  const { t } = useTexts();
  const common = { label: field.title, description: field.description, error, required: field.required && !(field.kind === "password" && stored), withAsterisk: false };
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  switch (field.kind) {
    case "switch":
      return <Switch label={field.title} description={field.description} error={error} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "choice":
      return <Select {...common} data={field.choices} value={text || null} allowDeselect={!field.required} onChange={(next) => onChange(next ?? "")} />;
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

function TestResult({ test }: { test: ConnectorTest }) {
  const { t, word } = useTexts();
  return (
    <Notice tone={test.ok ? "good" : "error"}>
      <strong>{t(test.ok ? "connector.testOk" : "connector.testFailed")}</strong> {[test.peer, test.version, test.ok ? t("connector.lines", { count: test.lines }) : ""].filter(Boolean).join(" · ")}
      <ul className="test-steps">
        {test.steps.map((step) => (
          <li key={step.name}>
            <Icon name={step.ok === null ? "more" : step.ok ? "check" : "close"} size={16} />
            <span>{word("connector.step", step.name)} <LinkFault link={step} /></span>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
