/** Runs of sources and of exports, seen alike: what became of one, and where more about it is asked for. */
import type { Api } from "../api/routes";
import type { BadRow, Change, Counts, Failure, Id, RunState, RunView, SourceView } from "../api/types";
import { millis } from "../i18n/format";

export const STATE_TONES: Record<RunState, string> = { running: "amber", done: "green", failed: "red", asks: "amber", refused: "", cancelled: "" };

/** One run, of whatever. */
export interface AnyRun extends Pick<RunView, "id" | "trigger" | "state" | "started" | "ended" | "counts" | "code" | "message" | "data"> {
  how: RunView["mode"] | "export";
}

export interface AnyReport {
  added: Change[];
  changed: Change[];
  removed: Change[];
  bad: BadRow[];
  odd: BadRow[];
  failures: Failure[];
}

/** What runs, and how it is asked. */
export interface Runnable {
  id: Id;
  name: string;
  /** Address of its page. */
  path: string;
  what: "source" | "export";
  /** Whether it can run at all. */
  runs: boolean;
  list: () => Promise<AnyRun[]>;
  run: (id: Id) => Promise<AnyRun>;
  report: (id: Id) => Promise<AnyReport>;
  start: (dry: boolean) => Promise<{ id: Id }>;
  confirm: (id: Id) => Promise<{ id: Id }>;
  refuse: (id: Id) => Promise<unknown>;
  cancel: (id: Id) => Promise<unknown>;
}

export function runsOfSource(source: Pick<SourceView, "id" | "name" | "kind">, { admin }: Api): Runnable {
  const api = admin.sources;
  const any = (run: RunView): AnyRun => ({ ...run, how: run.mode });
  return {
    id: source.id, name: source.name, path: `/admin/sources/${encodeURIComponent(source.id)}`, what: "source", runs: source.kind !== "imported",
    list: () => api.runs(source.id).then((runs) => runs.map(any)),
    run: (id) => api.run(id).then(any),
    report: (id) => api.report(id).then((report) => ({ ...report, failures: [] })),
    start: (dry) => api.start(source.id, dry ? "dry" : null),
    confirm: api.confirm, refuse: api.refuse, cancel: api.cancel,
  };
}

export function runsOfExport({ id: of, name }: { id: Id; name: string }, { admin }: Api): Runnable {
  const api = admin.exports;
  type Run = Awaited<ReturnType<typeof api.run>>;
  const any = (run: Run): AnyRun => ({ ...run, how: run.dry ? "dry" : "export" });
  return {
    id: of, name, path: `/admin/exports/${encodeURIComponent(of)}`, what: "export", runs: true,
    list: () => api.runs(of).then((runs) => runs.map(any)),
    run: (id) => api.run(id).then(any),
    report: (id) => api.report(id).then(({ failed, ...report }) => ({ ...report, bad: [], odd: [], failures: failed })),
    start: (dry) => api.start(of, dry),
    confirm: api.confirm, refuse: api.refuse, cancel: api.cancel,
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
