/** Settings of one link: the form comes from the connector's own declaration; the test says how far it gets. */
import { onTop, same } from "@core/diff";
import { overtaken, savedOnTop } from "@core/saving";
import { initialValues, schemaFields } from "@core/admin/schema";
import type { AdminConnector, ConnectorKind, ConnectorTest } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { AskedFirst } from "@ui/asking";
import { useBeneath } from "@ui/beneath";
import { DifferenceList, type Named } from "@ui/DifferenceList";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { FormProblem, Notice } from "@ui/parts";
import { Button, Select, Switch, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { LinkFault } from "../faults";
import { SettingsForm } from "../SettingsForm";
import { Trace } from "./Trace";

interface FormProps {
  item: AdminConnector | null;
  kinds: readonly ConnectorKind[];
  onDone: (words: string, gone: boolean) => void;
  /** Somebody else has saved it. */
  onOvertaken: () => void;
}

export function ConnectorForm({ item, kinds, onDone, onOvertaken }: FormProps) {
  const app = useApp();
  const { t } = useTexts();
  const problemText = useProblemText();
  const [kind, setKind] = useState(item?.kind ?? kinds[0]?.key ?? "");
  const { value: head, setValue: setHead, theirs } = useBeneath({ name: item?.name ?? "", enabled: item?.enabled ?? true, location_id: item?.location_id ?? "" });
  const [opened] = useState(item?.settings);
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [test, setTest] = useState<ConnectorTest | "running" | null>(null);
  const { value: locations } = useLoad(() => app.api.admin.locations.list(), "locations");
  const declared = kinds.find((each) => each.key === kind);
  const fields = useMemo(() => (declared ? schemaFields(declared.settings) : []), [declared]);
  const settings = { ...initialValues(fields, item?.kind === kind ? item.settings : {}), ...values };
  const places = (locations?.items ?? []).map((each) => ({ value: each.id, label: each.name }));
  const known: Named[] = [
    { key: "name", label: "connector.name" },
    { key: "location_id", label: "people.location", options: places },
    { key: "enabled", label: "connector.enabled" },
    { key: "settings", label: "source.tab.settings" },
  ];
  const set = (change: Partial<typeof head>) => setHead((now) => ({ ...now, ...change }));
  const others = [...theirs, ...(same(opened, item?.settings) ? [] : [{ key: "settings", before: opened, after: item?.settings }])];
  const wrong = typeof problem?.data.field === "string" ? problem.data.field : "";
  const attempt = async (run: () => Promise<unknown>) => {
    try {
      await run();
      setProblem(null);
    } catch (error) {
      const failed = asProblem(error);
      setProblem(failed);
      setTest(null);
      if (overtaken(failed)) onOvertaken();
    }
  };
  const api = app.api.admin.connectors;
  const bodyOf = (of: AdminConnector) => ({ name: of.name, kind: of.kind, enabled: of.enabled, location_id: of.location_id, settings: initialValues(fields, of.settings) });
  const save = () => attempt(async () => {
    const body = { ...head, kind, settings };
    if (item) {
      await savedOnTop(item, {
        merged: (now: AdminConnector | undefined) => onTop(bodyOf(item), body, now && bodyOf(now)),
        put: (merged, etag) => api.replace(item.id, merged, etag),
        load: async () => (await api.list()).items.find((each) => each.id === item.id),
      });
    } else await api.create(body);
    onDone(t("admin.saved", { name: head.name }), false);
  });
  const check = () => attempt(async () => {
    setTest("running");
    setTest(await app.api.admin.testConnector({ kind, settings, ...(item ? { id: item.id } : {}) }));
  });
  const remove = () => item && attempt(async () => {
    await api.remove(item.id, item.etag);
    onDone(t("admin.removed", { name: item.name }), true);
  });
  return (
    <form className="stack" style={{ gap: 12 }} onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <Select label={t("connector.kind")} description={declared?.description || declared?.versions.join(", ")} data={kinds.map((each) => ({ value: each.key, label: each.name }))} value={kind} allowDeselect={false} disabled={item !== null} onChange={(next) => setKind(next ?? "")} />
      <TextInput label={t("connector.name")} value={head.name} required withAsterisk={false} onChange={(event) => set({ name: event.currentTarget.value })} />
      <Select label={t("people.location")} description={t("connector.locationHelp")} clearable data={places} value={head.location_id || null} onChange={(next) => set({ location_id: next ?? "" })} />
      <Switch label={t("connector.enabled")} checked={head.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
      <hr style={{ width: "100%", border: 0, borderTop: "1px solid var(--line)" }} />
      <SettingsForm key={kind} fields={fields} values={settings} wrong={problem && wrong ? { field: wrong, text: problemText(problem) } : null} stored={item !== null} onChange={(key, value) => setValues((now) => ({ ...now, [key]: value }))} />
      {problem && <FormProblem problem={problem} />}
      {others.length > 0 && <DifferenceList title={t("diff.theirs")} changes={others} fields={known} />}
      {test && test !== "running" && <TestResult test={test} />}
      {item && <Trace id={item.id} />}
      <div className="row wrap">
        {item && <AskedFirst sure={t("admin.reallyDelete", { name: item.name })} onSure={() => void remove()} />}
        <span className="grow" />
        <Button variant="default" loading={test === "running"} onClick={() => void check()}>{t("connector.test")}</Button>
        <Button type="submit">{t("action.save")}</Button>
      </div>
    </form>
  );
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
