/** A source or an export at a glance: what it is, how its last run went, when the next one is due, and what starts one. */
import { type Runnable, seconds } from "@core/admin/runs";
import type { IconName } from "@core/icons";
import type { RunView } from "@core/api/types";
import { useApp, useNow, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import type { ReactNode } from "react";
import { Going } from "./Going";
import { RunState, useCountWords, useRunReason } from "./words";

interface RowProps {
  of: Runnable;
  icon: IconName;
  about: string;
  warning?: ReactNode;
  last: RunView | null;
  enabled: boolean;
  due: string | null;
  /** Told of whatever is asked of the server. */
  attempt: (ask: () => Promise<unknown>) => void;
  children?: ReactNode;
}

export function RunRow({ of, icon, about, warning, last, enabled, due, attempt, children }: RowProps) {
  const app = useApp();
  const { t, format } = useTexts();
  const now = useNow();
  const off = !of.runs || last?.state === "running";
  return (
    <li className="card pad source" data-testid={`${of.what}-${of.name}`}>
      <Icon name={icon} size={24} />
      <div className="source-what">
        <a className="source-name" href={of.path} onClick={(event) => { event.preventDefault(); app.go(of.path); }}>{of.name}</a>
        <div className="muted">{about}</div>
        {warning}
      </div>
      <div className="source-last">{last ? <LastRun of={of} run={last} attempt={attempt} /> : <span className="muted">{t(of.what === "source" ? "source.never" : "run.none")}</span>}</div>
      <dl className="facts source-next"><dt>{t("source.next")}</dt><dd className="num">{due ? format.moment(due, now) : t(enabled ? "source.byHand" : "source.off")}</dd></dl>
      <div className="row wrap source-do">
        {last?.state === "asks" && <button type="button" className="chip" data-current onClick={() => app.go(`${of.path}/runs/${last.id}`)}>{t("run.decide")}<span className="sr"> {of.name}</span></button>}
        <button type="button" className="chip" disabled={off} onClick={() => attempt(() => of.start(false))}><Icon name="play" size={14} />{t("source.run")}<span className="sr"> {of.name}</span></button>
        <button type="button" className="chip" disabled={off} onClick={() => attempt(() => of.start(true))}><Icon name="eye" size={14} />{t("source.dry")}<span className="sr"> {of.name}</span></button>
        {children}
      </div>
    </li>
  );
}

function LastRun({ of, run, attempt }: Pick<RowProps, "of" | "attempt"> & { run: RunView }) {
  const app = useApp();
  const { t, format } = useTexts();
  const now = useNow();
  const words = useCountWords();
  const reason = useRunReason();
  const { counts } = run;
  const path = `${of.path}/runs/${run.id}`;
  if (run.state === "running") return <Going of={of} run={run} onCancel={() => attempt(() => app.api.admin.runs.cancel(run.id))} />;
  const notes = of.what === "source"
    ? [t("run.rows", { count: counts.rows }), counts.failed > 0 && t("run.failed", { count: counts.failed }), counts.odd > 0 && t("run.odd", { count: counts.odd })]
    : [counts.failed > 0 && t("run.notWritten", { count: counts.failed })];
  return (
    <div className="stack" style={{ gap: 2 }}>
      <div className="row wrap">
        <RunState run={run} />
        <a className="num" href={path} onClick={(event) => { event.preventDefault(); app.go(path); }}>{format.moment(run.started, now)}</a>
        <span className="muted num">{t("run.took", { time: format.span(seconds(run, now)) })}</span>
      </div>
      <div className="num">{run.state === "done" ? words(run) : reason(run)}</div>
      {notes.some(Boolean) && <div className="muted num">{notes.filter(Boolean).join(" · ")}</div>}
    </div>
  );
}
