/** Runs of sources and of exports, seen alike: what became of one, and where more about it is asked for. */
import type { Api } from "../api/routes";
import type { Counts, ExportView, Id, RunState, RunView, SourceView } from "../api/types";
import { millis } from "../i18n/format";

export const STATE_TONES: Record<RunState, string> = { running: "amber", done: "green", failed: "red", asks: "amber", refused: "", cancelled: "" };

/** What runs, and how it is begun. */
export interface Runnable {
  name: string;
  /** Address of its page. */
  path: string;
  what: RunView["what"];
  /** Whether it can run at all. */
  runs: boolean;
  list: () => Promise<RunView[]>;
  start: (dry: boolean) => Promise<{ id: Id }>;
}

export function runsOfSource({ id, name, kind }: Pick<SourceView, "id" | "name" | "kind">, { admin }: Api): Runnable {
  return {
    name, path: `/admin/sources/${encodeURIComponent(id)}`, what: "source", runs: kind !== "imported",
    list: () => admin.sources.runs(id), start: (dry) => admin.sources.start(id, dry ? "dry" : null),
  };
}

export function runsOfExport({ id, name }: Pick<ExportView, "id" | "name">, { admin }: Api): Runnable {
  return {
    name, path: `/admin/exports/${encodeURIComponent(id)}`, what: "export", runs: true,
    list: () => admin.exports.runs(id), start: (dry) => admin.exports.start(id, dry),
  };
}

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
