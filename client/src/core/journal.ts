/** The journal as a view sees it: live changes joined to loaded pages, legs of one tracker folded, days separated. Pure. */
import type { JournalEntry, Reach } from "./api/types";
import { startOfDay } from "./i18n/format";
import { fold } from "./search/find";

export const FILTERS = ["missed", "open", "in", "out", "internal", "external", "note", "connected", "not-connected"] as const;
export type Filter = (typeof FILTERS)[number];

/** Filters that exclude each other: choosing one takes the other away. */
const OPPOSITES: Partial<Record<Filter, Filter>> = {
  in: "out", out: "in", internal: "external", external: "internal", connected: "not-connected", "not-connected": "connected",
};

export function toggleFilter(filters: readonly Filter[], filter: Filter): Filter[] {
  if (filters.includes(filter)) return filters.filter((each) => each !== filter);
  return [...filters.filter((each) => each !== OPPOSITES[filter]), filter];
}

/** Whether a live entry belongs into the list; the server has the last word when pages are loaded. */
export function matches(entry: JournalEntry, filters: readonly Filter[], scope: Reach, query: string): boolean {
  if (scope === "mine" && !entry.mine) return false;
  const connected = entry.answered !== null;
  const passes: Record<Filter, boolean> = {
    missed: entry.outcome.startsWith("missed"), open: entry.open, in: entry.direction === "inbound", out: entry.direction === "outbound",
    internal: entry.internal, external: !entry.internal, note: entry.note !== "", connected, "not-connected": !connected,
  };
  if (!filters.every((filter) => passes[filter])) return false;
  if (!query.trim()) return true;
  const text = fold([entry.remote.name, entry.remote.company, entry.remote.display, entry.remote.canonical, entry.note, entry.subject].join(" "));
  return fold(query).split(/\s+/).every((word) => text.includes(word));
}

/** Pages as loaded, with what the stream said since: changed entries replaced, or gone where they fit no more; new ones on top. */
export function merge(loaded: readonly JournalEntry[], live: readonly JournalEntry[], wanted: (entry: JournalEntry) => boolean): JournalEntry[] {
  const newest = loaded[0]?.started ?? "";
  const known = new Set(loaded.map((entry) => entry.id));
  const changed = new Map(live.map((entry) => [entry.id, entry]));
  const fresh = live.filter((entry) => !known.has(entry.id) && entry.started >= newest && wanted(entry));
  // The server also finds what `wanted` does not see: only what it saw before can stop to fit.
  const kept = loaded.flatMap((entry) => {
    const now = changed.get(entry.id) ?? entry;
    return wanted(entry) && !wanted(now) ? [] : [now];
  });
  return [...fresh, ...kept].sort(
    (a, b) => b.started.localeCompare(a.started) || b.id.localeCompare(a.id),
  );
}

/** The last contacts before a call (`except`: it and its legs): one entry each, of those who talked rather than of those it only rang at. */
export function lastContacts(entries: readonly JournalEntry[], except: { call_id: string; tracker: string } | null): JournalEntry[] {
  const byCall = new Map<string, JournalEntry>();
  for (const entry of entries) {
    const key = entry.tracker || entry.call_id;
    if (except && (entry.call_id === except.call_id || (except.tracker && entry.tracker === except.tracker))) continue;
    const known = byCall.get(key);
    if (!known || entry.talk > known.talk) byCall.set(key, entry);
  }
  return [...byCall.values()];
}

/** The word for a call's outcome: one that nobody has answered yet rings or is being dialled, it is not a conversation going on. */
export function outcomeWord(entry: Pick<JournalEntry, "outcome" | "answered" | "direction">): string {
  if (entry.outcome !== "running" || entry.answered) return entry.outcome;
  return entry.direction === "inbound" ? "ringing" : "calling";
}

export type Row = { kind: "day"; id: string; at: number } | { kind: "entry"; id: string; entry: JournalEntry; legs: JournalEntry[] };

/** How telling a leg is: own ones before others, the call with a customer before what was asked on its side, then the most talk. */
function weight(entry: JournalEntry): number {
  const outer = (entry.consultation ? 0 : 4e5) + (entry.internal ? 0 : 2e5);
  return (entry.mine ? 4e6 : 0) + (entry.open ? 2e6 : 0) + outer + (entry.answered ? 1e5 : 0) + Math.min(entry.talk, 9e4);
}

/** Newest first in, rows out: one per tracker with its other legs, and a separator before each day. */
export function toRows(entries: readonly JournalEntry[]): Row[] {
  const byTracker = new Map<string, JournalEntry[]>();
  for (const entry of entries) {
    const key = entry.tracker || entry.id;
    byTracker.set(key, [...(byTracker.get(key) ?? []), entry]);
  }
  const rows: Row[] = [];
  let day = Number.NaN;
  for (const group of byTracker.values()) {
    const main = group.reduce((best, entry) => (weight(entry) > weight(best) ? entry : best));
    const at = startOfDay(Date.parse(group[0]?.started ?? main.started));
    if (at !== day) rows.push({ kind: "day", id: `day:${at}`, at });
    day = at;
    rows.push({ kind: "entry", id: main.id, entry: main, legs: group.filter((entry) => entry !== main).reverse() });
  }
  return rows;
}
