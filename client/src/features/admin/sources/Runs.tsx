/** The runs of a source, the newest first, and what one of them found. */
import { seconds } from "@core/admin/runs";
import type { RunView, SourceView } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { useApp, useLoad, useNow, useTexts } from "@ui/hooks";
import { EmptyState, PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button } from "@mantine/core";
import { useState } from "react";
import { OneRun } from "./OneRun";
import { usePolled } from "./SourceList";
import { RunState, useCountWords, useRunReason } from "./words";

interface RunsProps {
  source: SourceView;
  run: string;
  onChanged: () => void;
}

export function Runs({ source, run, onChanged }: RunsProps) {
  const app = useApp();
  const { t } = useTexts();
  const { value: runs, problem, reload } = useLoad(() => app.api.admin.sources.runs(source.id), source.id);
  const [refused, setRefused] = useState<Problem | null>(null);
  const running = runs?.some((each) => each.state === "running") ?? false;
  usePolled(running, reload);
  const base = `/admin/sources/${encodeURIComponent(source.id)}/runs`;
  const start = (mode: "dry" | null) => app.api.admin.sources.start(source.id, mode).then((begun) => { setRefused(null); reload(); app.go(`${base}/${begun.id}`); }, (error: unknown) => setRefused(asProblem(error)));
  const chosen = run || runs?.[0]?.id || "";
  const buttons = source.kind !== "imported" && (
    <div className="row wrap">
      <PrimaryButton icon="play" disabled={running} onClick={() => void start(null)}>{t("source.run")}</PrimaryButton>
      <Button variant="default" disabled={running} onClick={() => void start("dry")}>{t("source.dry")}</Button>
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
            <RunList runs={runs} chosen={chosen} onChoose={(id) => app.go(`${base}/${id}`)} />
            <OneRun key={chosen} id={chosen} source={source} onChanged={() => { reload(); onChanged(); }} onStart={(mode) => void start(mode)} />
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
