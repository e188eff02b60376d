/** Every source at a glance: how it stands, what it found last, when it is read next. */
import { seconds } from "@core/admin/runs";
import { asProblem, type Problem } from "@core/api/problem";
import type { Mode, SourceView } from "@core/api/types";
import { useApp, useLoad, useNow, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { KINDS } from "@core/admin/sourceForm";
import { PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { useState } from "react";
import { RunProgress } from "../RunProgress";
import { Choices } from "./NewSource";
import { usePolled } from "../runs/polled";
import { RunState, useCountWords, useRunReason } from "../runs/words";

export function SourceList() {
  const app = useApp();
  const { t } = useTexts();
  const { value: items, problem, reload } = useLoad(() => app.api.admin.sources.list(), "sources");
  const [refused, setRefused] = useState<Problem | null>(null);
  usePolled(items?.some((item) => item.last?.state === "running") ?? false, reload);
  const attempt = (run: () => Promise<unknown>) => run().then(() => setRefused(null), (error: unknown) => setRefused(asProblem(error))).finally(reload);
  const start = (id: string, mode: Mode | null) => void attempt(() => app.api.admin.sources.start(id, mode));
  const cancel = (run: string) => void attempt(() => app.api.admin.sources.cancel(run));
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.sources")}</h1><p className="muted">{t("source.text")}</p></div>
        {items && items.length > 0 && <PrimaryButton icon="plus" onClick={() => app.go("/admin/sources/new")}>{t("source.add")}</PrimaryButton>}
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {refused && <ProblemNotice problem={refused} />}
      {!items && !problem && <SkeletonRows rows={4} height={72} />}
      {items?.length === 0 && <section className="stack" style={{ gap: 16 }} aria-label={t("source.empty")}><h2>{t("source.empty")}</h2><Choices /></section>}
      {items && items.length > 0 && (
        <ul className="sources" aria-label={t("admin.nav.sources")}>
          {items.map((item) => <Row key={item.id} item={item} onStart={(mode) => start(item.id, mode)} onCancel={cancel} />)}
        </ul>
      )}
    </>
  );
}

function Row({ item, onStart, onCancel }: { item: SourceView; onStart: (mode: Mode | null) => void; onCancel: (run: string) => void }) {
  const app = useApp();
  const { t, format, word } = useTexts();
  const now = useNow();
  const { last } = item;
  const running = last?.state === "running";
  const base = `/admin/sources/${encodeURIComponent(item.id)}`;
  const next = item.due ? format.moment(item.due, now) : t(item.enabled ? "source.byHand" : "source.off");
  return (
    <li className="card pad source" data-testid={`source-${item.name}`}>
      <Icon name={KINDS[item.kind] ?? "file"} size={24} />
      <div className="source-what">
        <a className="source-name" href={base} onClick={(event) => { event.preventDefault(); app.go(base); }}>{item.name}</a>
        <div className="muted">{word("source.kind", item.kind)} → {item.book.name}, {t("source.contacts", { count: item.book.contacts })}</div>
      </div>
      <div className="source-last">{last ? <LastRun item={item} onCancel={onCancel} /> : <span className="muted">{t("source.never")}</span>}</div>
      <dl className="facts source-next"><dt>{t("source.next")}</dt><dd className="num">{next}</dd></dl>
      <div className="row wrap source-do">
        <button type="button" className="chip" disabled={running || item.kind === "imported"} onClick={() => onStart(null)}><Icon name="play" size={14} />{t("source.run")}<span className="sr"> {item.name}</span></button>
        <button type="button" className="chip" disabled={running || item.kind === "imported"} onClick={() => onStart("dry")}><Icon name="eye" size={14} />{t("source.dry")}<span className="sr"> {item.name}</span></button>
      </div>
    </li>
  );
}

function LastRun({ item, onCancel }: { item: SourceView; onCancel: (run: string) => void }) {
  const app = useApp();
  const { t, format } = useTexts();
  const now = useNow();
  const words = useCountWords();
  const reason = useRunReason();
  const run = item.last;
  if (!run) return null;
  const { counts } = run;
  const path = `/admin/sources/${encodeURIComponent(item.id)}/runs/${run.id}`;
  if (run.state === "running") {
    const done = counts.total > 0 ? t("run.progress", { done: counts.rows, total: counts.total }) : t("run.rows", { count: counts.rows });
    return <RunProgress label={t("run.of", { name: item.name })} done={counts.rows} total={counts.total} words={done} onCancel={() => onCancel(run.id)} />;
  }
  return (
    <div className="stack" style={{ gap: 2 }}>
      <div className="row wrap">
        <RunState run={{ ...run, how: run.mode }} />
        <a className="num" href={path} onClick={(event) => { event.preventDefault(); app.go(path); }}>{format.moment(run.started, now)}</a>
        <span className="muted num">{t("run.took", { time: format.span(seconds(run, now)) })}</span>
      </div>
      <div className="num">{run.state === "done" ? words(run) : reason(run)}</div>
      <div className="muted num">{[t("run.rows", { count: counts.rows }), counts.failed > 0 && t("run.failed", { count: counts.failed }), counts.odd > 0 && t("run.odd", { count: counts.odd })].filter(Boolean).join(" · ")}</div>
    </div>
  );
}
