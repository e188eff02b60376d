/** One run: how far it is, what it asks, what it changed, and which rows it could not take. */
import { csvOf, type Runnable, seconds } from "@core/admin/runs";
import { asProblem, type Problem } from "@core/api/problem";
import type { BadRow, Change, Failure, RunReport, RunView } from "@core/api/types";
import { useApp, useLoad, useNow, useTexts } from "@ui/hooks";
import { Notice, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { DifferenceTable } from "../DifferenceTable";
import { Going } from "./Going";
import { usePolled } from "./polled";
import { RunState, useReason, useRunReason } from "./words";

interface RunProps {
  id: string;
  of: Runnable;
  after: ReactNode;
  onChanged: () => void;
  onShow: (run: string) => void;
  onStart: () => void;
}

export function OneRun({ id, of, after, onChanged, onShow, onStart }: RunProps) {
  const { runs } = useApp().api.admin;
  const { t } = useTexts();
  const { value: run, problem, reload } = useLoad(() => runs.get(id), id);
  const [refused, setRefused] = useState<Problem | null>(null);
  const going = run?.state === "running";
  usePolled(going, reload);
  const [went, setWent] = useState(false);
  if (going && !went) setWent(true);
  useEffect(() => {
    // It is over: book, file and next time are others now.
    if (went && !going) {
      setWent(false);
      onChanged();
    }
  }, [went, going, onChanged]);
  const attempt = (ask: () => Promise<unknown>) => ask().then(() => setRefused(null), (error: unknown) => setRefused(asProblem(error))).finally(() => { reload(); onChanged(); });
  if (problem) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (!run) return <SkeletonRows rows={4} />;
  /** An export does what it asked about in a new run. */
  const confirm = (run: string) => runs.confirm(run).then((done) => done.id !== run && onShow(done.id));
  return (
    <section className="card pad stack" style={{ gap: 16 }} aria-label={t("run.title")} data-state={run.state} data-testid="run">
      <Head run={run} of={of} />
      {refused && <ProblemNotice problem={refused} />}
      {run.state === "running" && <Going run={run} of={of} onCancel={() => void attempt(() => runs.cancel(run.id))} />}
      {run.state === "asks" && <Asks run={run} onConfirm={() => void attempt(() => confirm(run.id))} onRefuse={() => void attempt(() => runs.refuse(run.id))} />}
      {run.state !== "running" && (run.state !== "failed" || run.counts.rows > 0) && <Figures run={run} />}
      {run.mode === "dry" && run.state === "done" && <div className="row wrap"><span className="grow">{t("run.dryText")}</span><Button onClick={onStart}>{t("source.run")}</Button></div>}
      {run.mode !== "dry" && run.state === "done" && <div className="row wrap">{after}</div>}
      {run.state !== "running" && <Report run={run} of={of} />}
    </section>
  );
}

function Head({ run, of }: { run: RunView; of: Runnable }) {
  const app = useApp();
  const { t, format } = useTexts();
  const now = useNow();
  const reason = useRunReason();
  const words = reason(run);
  return (
    <div className="stack">
      <div className="row wrap"><h2 className="num">{format.moment(run.started, now)}</h2><RunState run={run} /></div>
      <p className="muted num">{[t(`run.mode.${run.mode}`), t(`run.by.${run.trigger}`), t(run.state === "running" ? "run.going" : "run.took", { time: format.span(seconds(run, now)) })].join(" · ")}</p>
      {words && run.state !== "asks" && (
        <Notice tone={run.state === "failed" ? "error" : "warning"} action={run.state === "failed" && <button type="button" className="chip" onClick={() => app.go(of.path)}>{t("source.tab.settings")}</button>}>{words}</Notice>
      )}
    </div>
  );
}

function Figures({ run }: { run: RunView }) {
  const { t, format } = useTexts();
  const figure = (value: number, words: string, tone = "") => <div className={`run-figure ${tone}`}><strong className="num">{format.number(value)}</strong><span className="muted">{words}</span></div>;
  const { counts } = run;
  return (
    <div className="run-figures">
      {figure(counts.rows, t("run.figure.rows"))}
      {figure(counts.added, t("run.figure.added"), counts.added > 0 ? "green" : "")}
      {figure(counts.changed, t("run.figure.changed"), counts.changed > 0 ? "amber" : "")}
      {figure(counts.removed, t("run.figure.removed"), counts.removed > 0 ? "red" : "")}
      {figure(counts.unchanged, t("run.figure.unchanged"))}
      {figure(counts.failed, t("run.figure.failed"), counts.failed > 0 ? "red" : "")}
      {run.what !== "export" && figure(counts.odd, t("run.figure.odd"), counts.odd > 0 ? "amber" : "")}
    </div>
  );
}

/** A run that stopped: what would go, and the two answers. */
function Asks({ run, onConfirm, onRefuse }: { run: RunView; onConfirm: () => void; onRefuse: () => void }) {
  const { t } = useTexts();
  const reason = useRunReason();
  return (
    <div className="notice warning stack" role="alert">
      <strong>{t("run.stopped")}</strong>
      <span>{reason(run)} {t("run.stoppedText")}</span>
      <div className="row wrap"><Button color="red" variant="light" onClick={onConfirm}>{t("run.confirm")}</Button><Button variant="default" onClick={onRefuse}>{t("run.refuse")}</Button></div>
    </div>
  );
}

function Report({ run, of }: { run: RunView; of: Runnable }) {
  const { runs } = useApp().api.admin;
  const { t } = useTexts();
  const { value: report, problem, reload } = useLoad(() => runs.report(run.id), `${run.id}|${run.state}`);
  if (problem) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (!report) return <SkeletonRows rows={3} />;
  const { counts } = run;
  return (
    <>
      <BadRows title={t("run.bad", { count: counts.failed })} rows={report.bad} count={counts.failed} file={`${of.name}-rows.csv`} />
      <BadRows title={t("run.oddNumbers", { count: counts.odd })} rows={report.odd} count={counts.odd} file={`${of.name}-numbers.csv`} />
      <Failures title={t("run.notWritten", { count: counts.failed })} items={report.failed} />
      <Changes report={report} run={run} />
    </>
  );
}

function Changes({ report, run }: { report: RunReport; run: RunView }) {
  const { t } = useTexts();
  const { counts } = run;
  const part = (title: string, changes: readonly Change[], count: number) => count > 0 && (
    <details open className="run-part">
      <summary><h3>{title}</h3></summary>
      {changes.length < count && <p className="muted">{t("run.examples", { count: changes.length })}</p>}
      <DifferenceTable label={title} items={changes.map((change) => ({ key: change.key, name: change.name, before: change.old ?? {}, after: change.new ?? {} }))} />
    </details>
  );
  return (
    <>
      {part(t("run.part.removed", { count: counts.removed }), report.removed, counts.removed)}
      {part(t("run.part.changed", { count: counts.changed }), report.changed, counts.changed)}
      {part(t("run.part.added", { count: counts.added }), report.added, counts.added)}
    </>
  );
}

const SHOWN = 100;

function BadRows({ title, rows, count, file }: { title: string; rows: readonly BadRow[]; count: number; file: string }) {
  const { t } = useTexts();
  const reason = useReason();
  if (rows.length === 0) return null;
  const text = csvOf([t("run.csvLine"), t("run.csvReason")], rows.map((row) => [row.line, reason(row)]));
  return (
    <details open className="run-part">
      <summary><h3>{title}</h3></summary>
      <div className="row"><span className="grow" /><a className="chip" style={{ textDecoration: "none" }} download={file} href={`data:text/csv;charset=utf-8,${encodeURIComponent(`\uFEFF${text}`)}`}>{t("run.download")}</a></div>
      <ul className="plain-list bad-rows">
        {rows.slice(0, SHOWN).map((row, index) => <li key={index} className="row"><span className="num tag">{row.line > 0 ? t("run.line", { line: row.line }) : typeof row.data.key === "string" ? row.data.key : t("run.wholeSource")}</span><span>{reason(row)}</span></li>)}
      </ul>
      {count > SHOWN && <p className="muted">{t("run.more", { count: count - Math.min(SHOWN, rows.length) })}</p>}
    </details>
  );
}

/** Contacts that another directory did not take, and what it said. */
function Failures({ title, items }: { title: string; items: readonly Failure[] }) {
  const { t, has } = useTexts();
  if (items.length === 0) return null;
  const words = ({ code, message = "" }: Failure) => {
    const key = `export.failure.${code}`;
    return has(key) ? t(key, { reason: message }) : message;
  };
  return (
    <details open className="run-part">
      <summary><h3>{title}</h3></summary>
      <ul className="plain-list bad-rows">{items.map((item) => <li key={item.key} className="row wrap"><strong>{item.name || item.key}</strong><span>{words(item)}</span></li>)}</ul>
    </details>
  );
}
