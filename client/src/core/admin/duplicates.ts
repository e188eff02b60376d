/** What the rules for duplicates do, counted slice by slice: all contacts, however many. Pure. */
import type { DuplicateEffects, PersonView } from "../api/types";

export interface Counted {
  pairs: Partial<Record<DuplicateEffects["rules"][number]["rule"], number>>;
  lookedAt: number;
  whole: boolean;
}

/** Asks for slice after slice, and tells after each how it stands. */
export async function countAll(slice: (after: string) => Promise<DuplicateEffects>, told: (counted: Counted) => void): Promise<void> {
  let counted: Counted = { pairs: {}, lookedAt: 0, whole: false };
  let after = "";
  do {
    const { rules, looked_at, next } = await slice(after);
    const pairs = { ...counted.pairs };
    for (const { rule, pairs: found } of rules) pairs[rule] = (pairs[rule] ?? 0) + found;
    after = next ?? "";
    counted = { pairs, lookedAt: counted.lookedAt + looked_at, whole: after === "" };
    told(counted);
  } while (after);
}

const PAGES = 10;

export interface PersonPage {
  items: PersonView[];
  next: string | null;
}

/**
 * Asks for page after page until one has somebody (among very many contacts a page may find nobody), ten at most, and tells of
 * each; not of one that comes when nobody waits for it any more.
 */
export async function nextPersons(page: (after: string) => Promise<PersonPage>, after: string, told: (page: PersonPage) => void, signal: AbortSignal): Promise<void> {
  let at = after;
  for (let pages = 0; pages < PAGES && at; pages++) {
    const found = await page(at);
    if (signal.aborted) return;
    told(found);
    at = found.items.length > 0 ? "" : (found.next ?? "");
  }
}
