/** Runs in words: how one ended, what it found, why rows were left out. */
import { changes, STATE_TONES } from "@core/admin/runs";
import { Problem } from "@core/api/problem";
import type { BadRow, RunView } from "@core/api/types";
import { useProblemText, useTexts } from "@ui/hooks";

/** "12 new, 3 changed, 1 removed", or that nothing was. */
export function useCountWords() {
  const { t, format } = useTexts();
  return ({ counts }: Pick<RunView, "counts">) => {
    if (!changes(counts)) return t("run.nothingNew");
    const parts = [counts.added > 0 && t("run.added", { count: counts.added }), counts.changed > 0 && t("run.changed", { count: counts.changed }), counts.removed > 0 && t("run.removed", { count: counts.removed })];
    return format.list(parts.filter((part): part is string => Boolean(part)));
  };
}

/** Why a run failed or what it asks, in the reader's words. */
export function useRunReason() {
  const problemText = useProblemText();
  return (run: Pick<RunView, "code" | "message" | "data">) => (run.code ? problemText(new Problem(run.code, run.message, 0, "peer", "later", run.data)) : "");
}

export function RunState({ run }: { run: Pick<RunView, "state" | "mode"> }) {
  const { t } = useTexts();
  return <span className={`tag ${STATE_TONES[run.state]}`}>{run.mode === "dry" && run.state === "done" ? t("run.dryDone") : t(`run.state.${run.state}`)}</span>;
}

/** Why a row is not taken; fields in it by the names they have in the form. */
export function useReason(): (row: BadRow) => string {
  const { t, has, word } = useTexts();
  return ({ code, data, reason }) => {
    const key = `badrow.${code}`;
    return has(key) ? t(key, typeof data.field === "string" ? { ...data, field: word("field", data.field) } : data) : reason;
  };
}
