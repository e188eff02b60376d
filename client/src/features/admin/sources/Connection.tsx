/** Where the contacts are: name, file or peer with its settings, and whether it answers. */
import type { SchemaField } from "@core/admin/schema";
import { arranged, FILES, type Handed, readsFile } from "@core/admin/sourceForm";
import { choiceInWords, inWords } from "@core/admin/sourceTexts";
import { asProblem, type Problem } from "@core/api/problem";
import type { CheckView, SourceKind, SourceView } from "@core/api/types";
import { useApp, useProblemText, useTexts } from "@ui/hooks";
import { Notice, ProblemNotice } from "@ui/parts";
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { DropZone } from "../DropZone";
import { SettingsForm } from "../SettingsForm";
import { useReason } from "../runs/words";

interface ConnectionProps {
  kind: SourceKind;
  fields: readonly SchemaField[];
  source: SourceView | null;
  values: Readonly<Record<string, unknown>>;
  handed: Handed | null;
  location: string;
  problem: Problem | null;
  name: string;
  onName: (name: string) => void;
  onChange: (key: string, value: unknown) => void;
  onFile: (file: string) => void;
}

export function Connection({ kind, fields, source, values, handed, location, problem, name, onName, onChange, onFile }: ConnectionProps) {
  const app = useApp();
  const { t, has } = useTexts();
  const problemText = useProblemText();
  const [check, setCheck] = useState<CheckView | Problem | "running" | null>(null);
  const worded = fields.map((field) => inWords(kind.key, field, t, has));
  const { usual, rare } = arranged(kind.key, worded, values);
  const wrong = problem && typeof problem.data.field === "string" ? { field: problem.data.field, text: problemText(problem) } : null;
  const form = { values, wrong, stored: source !== null, choiceWords: (choice: string) => choiceInWords(choice, t, has), onChange };
  const test = () => {
    setCheck("running");
    app.api.admin.sources.check({ kind: kind.key, settings: values as Record<string, unknown>, location_id: location, ...(source ? { id: source.id } : {}) }).then(setCheck, (error: unknown) => setCheck(asProblem(error)));
  };
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("source.part.where")}>
      <h2>{t("source.part.where")}</h2>
      <TextInput label={t("source.name")} description={t("source.nameHelp")} value={name} maxLength={60} required withAsterisk={false} error={wrong?.field === "name" ? wrong.text : null} onChange={(event) => onName(event.currentTarget.value)} />
      {readsFile(fields) && <FileSetting value={String(values.file ?? "")} kind={kind} handed={handed} error={wrong?.field === "file" ? wrong.text : null} onFile={onFile} onChange={(file) => onChange("file", file)} />}
      <SettingsForm fields={usual} {...form} />
      {rare.length > 0 && <details open={rare.some((field) => field.key === wrong?.field) || undefined}><summary>{t("source.more")}</summary><div style={{ marginTop: 12 }}><SettingsForm fields={rare} {...form} /></div></details>}
      {kind.key !== "imported" && (
        <div className="row wrap"><Button variant="default" loading={check === "running"} onClick={test}>{t("source.check")}</Button><span className="muted">{t("source.checkText")}</span></div>
      )}
      {check && check !== "running" && <Checked check={check} />}
    </section>
  );
}

function Checked({ check }: { check: CheckView | Problem }) {
  const { t } = useTexts();
  const reason = useReason();
  if (!("peer" in check)) return <div className="stack"><strong>{t("source.checkFailed")}</strong><ProblemNotice problem={check} /></div>;
  const facts = [check.peer, check.version, check.records !== null ? t("source.records", { count: check.records }) : ""].filter(Boolean).join(" · ");
  return (
    <Notice tone="good">
      <strong>{t("source.checkOk")}</strong> {facts}
      {check.notes.length > 0 && <ul className="diff">{check.notes.map((note) => <li key={note.code}>{reason(note)}</li>)}</ul>}
    </Notice>
  );
}

/** An upload is kept by an id with its name behind. */
const nameOf = (file: string): string => (file.split(/[\\/]/).at(-1) ?? "").replace(/^[0-9a-f]{16,}-?/, "");

/** A file that is handed over, or one that the server finds at a path or an address. */
function FileSetting({ value, kind, handed, error, onFile, onChange }: { value: string; kind: SourceKind; handed: Handed | null; error: string | null; onFile: (file: string) => void; onChange: (file: string) => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [own, setOwn] = useState<Record<string, string>>(handed ? { [handed.file]: handed.name } : {});
  const uploaded = /[\\/]uploads[\\/][^\\/]+$/.test(value);
  const [byPath, setByPath] = useState(value !== "" && !uploaded);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const upload = async (file: File) => {
    setBusy(true);
    try {
      const kept = await app.api.admin.sources.upload(file);
      if (kept.kind !== kind.key) throw new Error(t("source.otherKind", { name: file.name }));
      setOwn((now) => ({ ...now, [kept.file]: file.name }));
      setProblem(null);
      onFile(kept.file);
    } catch (failure) {
      setProblem(asProblem(failure));
    }
    setBusy(false);
  };
  return (
    <div className="stack">
      <div className="row wrap" role="group" aria-label={t("source.fileHow")}>
        <button type="button" className="chip" aria-pressed={!byPath} onClick={() => setByPath(false)}>{t("source.fileUpload")}</button>
        <button type="button" className="chip" aria-pressed={byPath} onClick={() => setByPath(true)}>{t("source.filePath")}</button>
      </div>
      {byPath
        ? <TextInput label={t("source.setting.file")} description={t("source.setting.file.help")} value={uploaded ? "" : value} error={error} onChange={(event) => onChange(event.currentTarget.value)} />
        : <DropZone small title={uploaded ? t("source.fileKept", { name: own[value] ?? nameOf(value) }) : t("source.drop")} accept={kind.suffixes.join(",") || FILES} busy={busy} onFile={(file) => void upload(file)}>{t("source.fileKeptText")}</DropZone>}
      {problem && <ProblemNotice problem={problem} />}
    </div>
  );
}
