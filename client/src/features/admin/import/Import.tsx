/** Contacts from a CSV file: choose, look and map, import, read what was not taken. */
import type { BadRow, ImportPreview, Job } from "@core/api/types";
import { asProblem, Problem } from "@core/api/problem";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Notice, PrimaryButton, ProblemNotice } from "@ui/parts";
import { Button, Progress, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { MappingTable } from "./MappingTable";

type Step = "file" | "mapping" | "progress";
const STEPS: readonly Step[] = ["file", "mapping", "progress"];
const POLL_MS = 700;

export default function Import() {
  const app = useApp();
  const { t } = useTexts();
  const [file, setFile] = useState<File | null>(null);
  const [preview, setPreview] = useState<ImportPreview | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const step: Step = job ? "progress" : preview ? "mapping" : "file";
  const attempt = async (run: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await run();
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  const choose = (picked: File) => attempt(async () => {
    setFile(picked);
    setPreview(await app.api.admin.previewContacts(picked));
  });
  const start = (mapping: Record<string, string>, book: string, location: string) => attempt(async () => {
    if (file) setJob((await app.api.admin.importContacts(file, mapping, book, location)).job);
  });
  const again = () => {
    setFile(null);
    setPreview(null);
    setJob(null);
    setProblem(null);
  };
  return (
    <>
      <header className="page-head"><h1>{t("admin.nav.import")}</h1><p className="muted">{t("import.text")}</p></header>
      <ol className="steps">{STEPS.map((each) => <li key={each} aria-current={each === step ? "step" : undefined}>{t(`import.step.${each}`)}</li>)}</ol>
      {problem && <ProblemNotice problem={problem} />}
      {step === "file" && <FileStep busy={busy} onFile={(picked) => void choose(picked)} />}
      {step === "mapping" && preview && <MappingStep preview={preview} name={file?.name ?? ""} busy={busy} onStart={(mapping, book, location) => void start(mapping, book, location)} onBack={again} />}
      {step === "progress" && job && <ProgressStep job={job} onAgain={again} />}
    </>
  );
}

function FileStep({ onFile, busy }: { onFile: (file: File) => void; busy: boolean }) {
  const { t } = useTexts();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <div
      className="drop" data-over={over || undefined}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file) onFile(file);
      }}
    >
      <Icon name="upload" size={36} />
      <h2>{t("import.drop")}</h2>
      <p className="muted">{t("import.dropText")}</p>
      <input ref={input} type="file" accept=".csv,.txt,text/csv" hidden aria-label={t("import.choose")} onChange={(event) => event.target.files?.[0] && onFile(event.target.files[0])} />
      <PrimaryButton icon="upload" loading={busy} onClick={() => input.current?.click()}>{t("import.choose")}</PrimaryButton>
    </div>
  );
}

interface MappingStepProps {
  preview: ImportPreview;
  name: string;
  busy: boolean;
  onStart: (mapping: Record<string, string>, book: string, location: string) => void;
  onBack: () => void;
}

function MappingStep({ preview, name, busy, onStart, onBack }: MappingStepProps) {
  const app = useApp();
  const { t } = useTexts();
  const [mapping, setMapping] = useState(preview.mapping);
  const [book, setBook] = useState(name.replace(/\.[^.]*$/, "") || "Import");
  const { value: locations } = useLoad(() => app.api.admin.locations.list(), "locations");
  const [location, setLocation] = useState("");
  const place = location || locations?.items[0]?.id || "";
  return (
    <div className="stack" style={{ gap: 16 }}>
      <p className="muted">{t("import.read", { name, encoding: preview.encoding, delimiter: preview.delimiter === "\t" ? "Tab" : preview.delimiter, count: preview.columns.length })}</p>
      <MappingTable preview={preview} mapping={mapping} onChange={setMapping} />
      {preview.problems.length > 0 && <BadRows title={t("import.problems", { count: preview.problems.length })} rows={preview.problems} />}
      <div className="two">
        <TextInput label={t("import.book")} description={t("import.bookHelp")} value={book} onChange={(event) => setBook(event.currentTarget.value)} />
        <label className="stack" style={{ gap: 4 }}><span style={{ fontWeight: 600 }}>{t("people.location")}</span><span className="muted" style={{ fontSize: 12 }}>{t("import.locationHelp")}</span>
          <select className="select" value={place} onChange={(event) => setLocation(event.target.value)}>{locations?.items.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}</select>
        </label>
      </div>
      <div className="row" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onBack}>{t("action.back")}</Button>
        <Button loading={busy} disabled={!book.trim() || !Object.values(mapping).some(Boolean)} onClick={() => onStart(mapping, book.trim(), place)}>{t("import.start")}</Button>
      </div>
    </div>
  );
}

function ProgressStep({ job, onAgain }: { job: string; onAgain: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const problemText = useProblemText();
  const [state, setState] = useState<Job | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let stopped = false;
    const ask = () => {
      app.api.admin.job(job).then(
        (next) => {
          if (stopped) return;
          setProblem(null);
          setState(next);
          if (next.state === "running") timer = setTimeout(ask, POLL_MS);
        },
        (error: unknown) => {
          if (stopped) return;
          setProblem(asProblem(error));
          timer = setTimeout(ask, POLL_MS * 4);
        },
      );
    };
    ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [app, job]);
  const running = !state || state.state === "running";
  return (
    <div className="stack" style={{ gap: 16 }}>
      {problem && <ProblemNotice problem={problem} />}
      {running && <><Progress value={state && state.total > 0 ? (100 * state.done) / state.total : 0} aria-label={t("import.step.progress")} animated /><p className="muted num" role="status">{t("import.progress", { done: state?.done ?? 0, total: state?.total ?? 0 })}</p></>}
      {state?.state === "done" && <Notice tone="good">{t("import.done", { count: state.imported })}</Notice>}
      {state?.state === "failed" && <Notice tone="error">{t("import.failed")} {problemText(new Problem(state.code, state.message, 0))}</Notice>}
      {state && state.bad.length > 0 && <BadRows title={t("import.bad", { count: state.bad_rows })} rows={state.bad} />}
      {!running && <div className="row"><Button variant="default" onClick={onAgain}>{t("import.again")}</Button><Button onClick={() => app.go("/contacts")}>{t("nav.contacts")}</Button></div>}
    </div>
  );
}

const SHOWN = 200;

/** Why a row is not taken; fields in it by the names they have in the form. */
function useReason(): (row: BadRow) => string {
  const { t, has, word } = useTexts();
  return ({ code, data, reason }) => {
    const key = `badrow.${code}`;
    return has(key) ? t(key, typeof data.field === "string" ? { ...data, field: word("field", data.field) } : data) : reason;
  };
}

function BadRows({ title, rows }: { title: string; rows: readonly BadRow[] }) {
  const { t } = useTexts();
  const reason = useReason();
  const text = [`${t("import.csvLine")};${t("import.csvReason")}`, ...rows.map((row) => `${row.line};"${reason(row).replaceAll('"', '""')}"`)].join("\r\n");
  return (
    <section className="card pad stack">
      <div className="row"><h2 className="grow">{title}</h2><a className="chip" style={{ textDecoration: "none" }} download="bad-rows.csv" href={`data:text/csv;charset=utf-8,${encodeURIComponent(text)}`}>{t("import.download")}</a></div>
      <ul className="plain-list">
        {rows.slice(0, SHOWN).map((row) => <li key={`${row.line}:${row.reason}`} className="row"><span className="num tag">{row.line > 0 ? t("import.line", { line: row.line }) : t("import.wholeFile")}</span><span>{reason(row)}</span></li>)}
      </ul>
      {rows.length > SHOWN && <p className="muted">{t("import.more", { count: rows.length - SHOWN })}</p>}
    </section>
  );
}
