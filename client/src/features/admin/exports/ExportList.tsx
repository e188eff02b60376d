/** Every export at a glance: how it stands, what it wrote last, when it runs next; its file to download. */
import { KINDS } from "@core/admin/exportForm";
import { seconds } from "@core/admin/runs";
import { asProblem, type Problem } from "@core/api/problem";
import type { ExportView } from "@core/api/types";
import { sizeOf } from "@core/books";
import { useApp, useNow, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { PrimaryButton, ProblemNotice } from "@ui/parts";
import { useState } from "react";
import { GoneBooks } from "../GoneBooks";
import { RunProgress } from "../RunProgress";
import { usePolled } from "../runs/polled";
import { RunState, useCountWords, useRunReason } from "../runs/words";
import { ExportKinds } from "./Exports";

export function ExportList({ items, onChanged }: { items: readonly ExportView[]; onChanged: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [refused, setRefused] = useState<Problem | null>(null);
  usePolled(items.some((item) => item.last?.state === "running"), onChanged);
  const attempt = (run: () => Promise<unknown>) => void run().then(() => setRefused(null), (error: unknown) => setRefused(asProblem(error))).finally(onChanged);
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.exports")}</h1><p className="muted">{t("export.text")}</p></div>
        {items.length > 0 && <PrimaryButton icon="plus" onClick={() => app.go("/admin/exports/new")}>{t("export.add")}</PrimaryButton>}
      </header>
      {refused && <ProblemNotice problem={refused} />}
      {items.length === 0 && <section className="stack" style={{ gap: 16 }}><h2>{t("export.empty")}</h2><ExportKinds kinds={Object.keys(KINDS).map((key) => ({ key }))} /></section>}
      {items.length > 0 && (
        <ul className="sources" aria-label={t("admin.nav.exports")}>
          {items.map((item) => <Row key={item.id} item={item} onStart={(dry) => attempt(() => app.api.admin.exports.start(item.id, dry))} onCancel={(run) => attempt(() => app.api.admin.exports.cancel(run))} />)}
        </ul>
      )}
    </>
  );
}

function Row({ item, onStart, onCancel }: { item: ExportView; onStart: (dry: boolean) => void; onCancel: (run: string) => void }) {
  const app = useApp();
  const { t, format, word } = useTexts();
  const now = useNow();
  const running = item.last?.state === "running";
  const base = `/admin/exports/${encodeURIComponent(item.id)}`;
  const next = item.due ? format.moment(item.due, now) : t(item.enabled ? "source.byHand" : "source.off");
  const books = item.books === null ? t("export.allBooks") : t("export.books", { count: item.books.length });
  return (
    <li className="card pad source" data-testid={`export-${item.name}`}>
      <Icon name={KINDS[item.kind] ?? "file"} size={24} />
      <div className="source-what">
        <a className="source-name" href={base} onClick={(event) => { event.preventDefault(); app.go(base); }}>{item.name}</a>
        <div className="muted">{books} → {word("export.kind", item.kind)}</div>
        <GoneBooks tag ids={item.gone} />
      </div>
      <div className="source-last">{item.last ? <LastRun item={item} onCancel={onCancel} /> : <span className="muted">{t("run.none")}</span>}</div>
      <dl className="facts source-next"><dt>{t("source.next")}</dt><dd className="num">{next}</dd></dl>
      <div className="row wrap source-do">
        <button type="button" className="chip" disabled={running} onClick={() => onStart(false)}><Icon name="play" size={14} />{t("source.run")}<span className="sr"> {item.name}</span></button>
        <button type="button" className="chip" disabled={running} onClick={() => onStart(true)}><Icon name="eye" size={14} />{t("source.dry")}<span className="sr"> {item.name}</span></button>
        {item.size !== null && <a className="chip" style={{ textDecoration: "none" }} download href={app.api.admin.exports.fileUrl(item.id)}><Icon name="save" size={14} />{t("export.fetch", { size: sizeOf(item.size, format) })}<span className="sr"> {item.name}</span></a>}
      </div>
    </li>
  );
}

function LastRun({ item, onCancel }: { item: ExportView; onCancel: (run: string) => void }) {
  const app = useApp();
  const { t, format } = useTexts();
  const now = useNow();
  const words = useCountWords();
  const reason = useRunReason();
  const run = item.last;
  if (!run) return null;
  const { counts } = run;
  const path = `/admin/exports/${encodeURIComponent(item.id)}/runs/${run.id}`;
  if (run.state === "running") return <RunProgress label={t("export.of", { name: item.name })} done={counts.rows} total={counts.total} words={t("export.progress", { done: counts.rows, total: counts.total })} onCancel={() => onCancel(run.id)} />;
  return (
    <div className="stack" style={{ gap: 2 }}>
      <div className="row wrap">
        <RunState run={{ ...run, how: run.dry ? "dry" : "export" }} />
        <a className="num" href={path} onClick={(event) => { event.preventDefault(); app.go(path); }}>{format.moment(run.started, now)}</a>
        <span className="muted num">{t("run.took", { time: format.span(seconds(run, now)) })}</span>
      </div>
      <div className="num">{run.state === "done" ? words(run) : reason(run)}</div>
      {counts.failed > 0 && <div className="muted num">{t("run.notWritten", { count: counts.failed })}</div>}
    </div>
  );
}
