/** One export: which contacts, as what, where to, when; with the first of them as they would leave. */
import { bodyOf, type ExportDraft, draftOf } from "@core/admin/exportForm";
import { overtaken, savedOnTop } from "@core/saving";
import { schemaFields } from "@core/admin/schema";
import { choiceInWords, inWords } from "@core/admin/sourceTexts";
import { USUAL } from "@core/admin/sourceForm";
import { asProblem, type Problem } from "@core/api/problem";
import type { Key } from "@core/i18n/translate";
import type { ExportCheck, ExportKind, ExportView } from "@core/api/types";
import { landing } from "@ui/asking";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { Notice, ProblemNotice } from "@ui/parts";
import { Button, NumberInput, TextInput } from "@mantine/core";
import { Fragment, useMemo, useState } from "react";
import { useAnswer } from "../answer";
import { useDraft } from "../draft";
import { SettingsForm } from "../SettingsForm";
import { When } from "../sources/When";
import { Columns } from "./Columns";
import { FirstContacts } from "./FirstContacts";
import { RemoveExport } from "./RemoveExport";
import { Which } from "./Which";

/** Where in the form a value stands, if not in the first part. */
const PARTS: Readonly<Record<string, Key>> = {
  name: "export.name", books: "export.part.which", conditions: "export.part.which", columns: "export.part.columns", file: "export.file", schedule: "export.part.when",
  enabled: "export.part.when", options: "source.part.safety",
};

interface FormProps {
  of: ExportView | null;
  kind: ExportKind;
  fields: readonly string[];
  /** Whether the operator lets files be written into a folder. */
  folder: boolean;
  /** What is stored is another than it was: saved here, or by somebody else. */
  onChanged: () => void;
}

export function ExportForm({ of, kind, fields, folder, onChanged }: FormProps) {
  const app = useApp();
  const { t, format } = useTexts();
  const problemText = useProblemText();
  const api = app.api.admin.exports;
  const declared = useMemo(() => schemaFields(kind.settings), [kind]);
  const drawn = (from: ExportView | null) => draftOf(from, kind.key, declared);
  const stored = useMemo(() => draftOf(of, kind.key, declared), [of, kind, declared]);
  const { draft, filled, change, merged, theirs, land, fill } = useDraft(stored, bodyOf);
  const { problem, said, say, accept, refuse } = useAnswer(onChanged);
  const [busy, setBusy] = useState(false);
  const { value: locations } = useLoad(() => app.api.admin.locations.list(), "locations");
  const place = draft.location_id || (of ? "" : (locations?.items[0]?.id ?? ""));
  const input = { ...bodyOf(draft), location_id: place };
  const save = async (then: "dry" | "run" | null) => {
    setBusy(true);
    say("");
    try {
      const { sent, saved } = of
        ? await savedOnTop(of, {
            merged: (now) => merged(now && drawn(now)),
            put: (body, etag) => api.replace(of.id, body, etag),
            load: async () => (await api.list()).items.find((each) => each.id === of.id),
          })
        : { sent: input, saved: await api.create(input) };
      if (of) fill(drawn(saved), sent);
      onChanged();
      accept();
      if (then) app.go(`/admin/exports/${saved.id}/runs/${(await api.start(saved.id, then === "dry")).id}`);
      else if (of) say(t("admin.saved", { name: saved.name }));
      else app.go(`/admin/exports/${saved.id}`);
    } catch (error) {
      if (overtaken(refuse(error))) land("save");
    }
    setBusy(false);
  };
  const wrong = problem && typeof problem.data.field === "string" ? { field: problem.data.field, text: problemText(problem) } : null;
  const ready = draft.name.trim() !== "";
  return (
    <form className="stack source-form" style={{ gap: 24 }} onSubmit={(event) => { event.preventDefault(); void save(null); }}>
      <Fragment key={filled}>
        <section className="card pad stack" style={{ gap: 12 }} aria-label={t("export.part.where")}>
          <h2>{t("export.part.where")}</h2>
          <TextInput label={t("export.name")} value={draft.name} maxLength={60} required withAsterisk={false} error={wrong?.field === "name" ? wrong.text : null} onChange={(event) => change({ name: event.currentTarget.value })} />
          <Settings kind={kind} declared={declared} values={draft.settings} wrong={wrong} of={of} onChange={(key, value) => change((now) => ({ settings: { ...now.settings, [key]: value } }))} />
          {kind.makes_file && folder && <TextInput label={t("export.file")} description={t("export.fileHelp")} placeholder={`contacts${kind.suffix}`} value={draft.file} spellCheck={false} error={wrong?.field === "file" ? wrong.text : null} onChange={(event) => change({ file: event.currentTarget.value })} />}
          {kind.makes_file && !folder && <p className="muted">{t("export.onlyHere")}</p>}
          {!kind.makes_file && <Check input={{ ...input, ...(of ? { id: of.id } : {}) }} />}
        </section>
        <Which draft={draft} place={place} locations={locations?.items ?? []} onChange={change} />
        <Columns columns={draft.columns} usual={kind.columns} fields={fields} onChange={(columns) => change({ columns })} />
        <FirstContacts input={{ ...input, name: input.name || "x", ...(of ? { id: of.id } : {}) }} />
        <When of="export" schedule={draft.schedule} enabled={draft.enabled} place={place} incremental={false} options={USUAL} onChange={({ schedule, enabled }) => change({ ...(schedule !== undefined ? { schedule } : {}), ...(enabled !== undefined ? { enabled } : {}) })} />
        <section className="card pad stack" style={{ gap: 12 }} aria-label={t("source.part.safety")}>
          <h2>{t("source.part.safety")}</h2>
          <div className="two bottoms">
            <NumberInput label={t("source.most_removed")} description={t("export.mostRemovedHelp")} value={draft.options.most_removed} min={0} max={100} suffix=" %" hideControls onChange={(value) => value !== "" && change({ options: { ...draft.options, most_removed: Number(value) } })} />
            <NumberInput label={t("source.most_seconds")} description={t("source.most_seconds.help")} value={draft.options.most_seconds} min={10} max={86_400} hideControls onChange={(value) => value !== "" && change({ options: { ...draft.options, most_seconds: Number(value) } })} />
          </div>
        </section>
      </Fragment>
      {problem && <ProblemNotice problem={problem} />}
      {theirs.length > 0 && <Notice>{t("diff.theirs")} {format.list([...new Set(theirs.map((key) => t(PARTS[key] ?? "export.part.where")))])}</Notice>}
      {said && <Notice tone="good">{said}</Notice>}
      <div className="row wrap source-foot">
        {of && <RemoveExport of={of} onRemoved={onChanged} onRefused={refuse} />}
        <span className="foot-rest" />
        {!ready && <span className="muted">{t("export.nameFirst")}</span>}
        <Button type="submit" variant="default" {...landing("save")} loading={busy} disabled={!ready}>{t("action.save")}</Button>
        <Button variant="default" disabled={!ready || busy} onClick={() => void save("dry")}>{t("source.saveDry")}</Button>
        <Button disabled={!ready || busy} onClick={() => void save("run")}>{t("export.saveRun")}</Button>
      </div>
    </form>
  );
}

interface SettingsProps {
  kind: ExportKind;
  declared: ReturnType<typeof schemaFields>;
  values: Record<string, unknown>;
  wrong: { field: string; text: string } | null;
  of: ExportView | null;
  onChange: (key: string, value: unknown) => void;
}

function Settings({ kind, declared, values, wrong, of, onChange }: SettingsProps) {
  const { t, has } = useTexts();
  const fields = declared.map((field) => inWords(kind.key, field, t, has, "export"));
  return <SettingsForm fields={fields} values={values} wrong={wrong} stored={of !== null} choiceWords={(choice) => choiceInWords(choice, t, has, "export")} onChange={onChange} />;
}

function Check({ input }: { input: ExportDraft & { id?: string } }) {
  const app = useApp();
  const { t } = useTexts();
  const [check, setCheck] = useState<ExportCheck | Problem | "running" | null>(null);
  const test = () => {
    setCheck("running");
    app.api.admin.exports.check({ ...input, name: input.name || "x" }).then(setCheck, (error: unknown) => setCheck(asProblem(error)));
  };
  return (
    <>
      <div className="row wrap"><Button variant="default" loading={check === "running"} onClick={test}>{t("source.check")}</Button><span className="muted">{t("source.checkText")}</span></div>
      {check && check !== "running" && ("peer" in check
        ? <Notice tone="good"><strong>{t("source.checkOk")}</strong> {[check.peer, check.version].filter(Boolean).join(" · ")}</Notice>
        : <div className="stack"><strong>{t("source.checkFailed")}</strong><ProblemNotice problem={check} /></div>)}
    </>
  );
}
