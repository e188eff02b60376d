/** The runs of a source or an export, the newest first, and what one of them found. */
import { type Runnable, seconds } from "@core/admin/runs";
import { asProblem, type Problem } from "@core/api/problem";
import type { RunView } from "@core/api/types";
import { useApp, useLoad, useNow, useTexts } from "@ui/hooks";
import { EmptyState, PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { OneRun } from "./OneRun";
import { usePolled } from "./polled";
import { RunState, useCountWords, useRunReason } from "./words";

interface RunsProps {
  of: Runnable;
  run: string;
  onChanged: () => void;
  /** What one does after a run that went well. */
  after: ReactNode;
}

export function Runs({ of, run, onChanged, after }: RunsProps) {
  const app = useApp();
  const { t } = useTexts();
  const { value: runs, problem, reload } = useLoad(() => of.list(), of.path);
  const [refused, setRefused] = useState<Problem | null>(null);
  const running = runs?.some((each) => each.state === "running") ?? false;
  usePolled(running, reload);
  const show = (id: string) => app.go(`${of.path}/runs/${id}`);
  const start = (dry: boolean) => of.start(dry).then((begun) => { setRefused(null); reload(); show(begun.id); }, (error: unknown) => setRefused(asProblem(error)));
  const chosen = run || runs?.[0]?.id || "";
  const buttons = of.runs && (
    <div className="row wrap">
      <PrimaryButton icon="play" disabled={running} onClick={() => void start(false)}>{t("source.run")}</PrimaryButton>
      <Button variant="default" disabled={running} onClick={() => void start(true)}>{t("source.dry")}</Button>
    </div>
  );
  return (
    <div className="stack" style={{ gap: 16 }}>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {refused && <ProblemNotice problem={refused} />}
      {!runs && !problem && <SkeletonRows rows={4} />}
      {runs?.length === 0 && <EmptyState icon="sync" title={t("run.none")} action={buttons}>{t("run.noneText")}</EmptyState>}
      {runs && runs.length > 0 && (
        <>
          {buttons}
          <div className="runs">
            <RunList runs={runs} chosen={chosen} onChoose={show} />
            <OneRun key={chosen} id={chosen} of={of} after={after} onChanged={() => { reload(); onChanged(); }} onShow={show} onStart={() => void start(false)} />
          </div>
        </>
      )}
    </div>
  );
}

function RunList({ runs, chosen, onChoose }: { runs: readonly RunView[]; chosen: string; onChoose: (id: string) => void }) {
  const { t, format } = useTexts();
  const now = useNow();
  const words = useCountWords();
  const reason = useRunReason();
  return (
    <ul className="run-list" aria-label={t("source.tab.runs")}>
      {runs.map((run) => (
        <li key={run.id}>
          <button type="button" className="plain run" aria-current={run.id === chosen || undefined} onClick={() => onChoose(run.id)}>
            <span className="row wrap"><span className="num">{format.moment(run.started, now)}</span><RunState run={run} /></span>
            <span className="muted num">{[t(`run.mode.${run.mode}`), t(`run.by.${run.trigger}`), format.span(seconds(run, now))].join(" · ")}</span>
            <span className="num">{run.state === "done" ? words(run) : reason(run)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
