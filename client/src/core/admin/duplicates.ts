/** What the rules for duplicates do, counted slice by slice: all contacts, however many. Pure. */
import type { DuplicateEffects } from "../api/types";

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
