/** What became of a run of a source. Pure. */
import type { Counts, RunState, RunView } from "../api/types";
import { millis } from "../i18n/format";

export const STATE_TONES: Record<RunState, string> = { running: "amber", done: "green", failed: "red", asks: "amber", refused: "", cancelled: "" };

export const changes = ({ added, changed, removed }: Counts): boolean => added + changed + removed > 0;

/** Seconds that a run has taken, or takes until now. */
export function seconds(run: Pick<RunView, "started" | "ended">, now: number): number {
  return Math.max(0, ((run.ended ? millis(run.ended) : now) - millis(run.started)) / 1000);
}

/** Rows with their reasons as a file that spreadsheets read. */
export function csvOf(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => (typeof value === "number" ? String(value) : `"${value.replaceAll('"', '""')}"`);
  return [titles, ...rows].map((row) => row.map(cell).join(";")).join("\r\n");
}
