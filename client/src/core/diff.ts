/** What a form changed: for "save with a difference" and for undo; and what others have changed meanwhile. */
import { Problem } from "./api/problem";

export interface Change {
  key: string;
  before: unknown;
  after: unknown;
}

export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => same(left[key], right[key]));
}

/** Empty text, empty list, false, null and absent all mean "nothing there". */
const nothing = (value: unknown): boolean => value === undefined || value === null || value === "" || value === false || (Array.isArray(value) && value.length === 0);

export function difference(before: object, after: object): Change[] {
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys]
    .filter((key) => !same(old[key], now[key]) && !(nothing(old[key]) && nothing(now[key])))
    .map((key) => ({ key, before: old[key], after: now[key] }));
}

/** What was changed by hand since `before`, on what is stored by now. */
export function rebased<T extends object>(before: T, value: T, stored: T): T {
  const own = Object.entries(value).filter(([key, each]) => !same(before[key as keyof T], each));
  return { ...stored, ...Object.fromEntries(own) };
}

/** `rebased` on what is stored by now; throws where somebody else has changed the same otherwise, and what (`theirs`), or removed it all. */
export function onTop<T extends object>(before: T, value: T, stored: T | undefined): T {
  if (!stored) throw new Problem("removed-meanwhile", "", 409, "user", "never");
  const own = (Object.keys(value) as (keyof T & string)[]).filter((key) => !same(before[key], value[key]) && !same(stored[key], value[key]));
  const theirs: Change[] = own.filter((key) => !same(before[key], stored[key])).map((key) => ({ key, before: before[key], after: stored[key] }));
  if (theirs.length > 0) throw new Problem("changed-meanwhile", "", 409, "user", "never", { theirs });
  return rebased(before, value, stored);
}

/** What was taken from and added to a list: for "3 people lose line 101". */
export function listDifference(before: unknown, after: unknown): { added: unknown[]; removed: unknown[] } {
  const [old, fresh] = [Array.isArray(before) ? before : [], Array.isArray(after) ? after : []];
  return { added: fresh.filter((item) => !old.includes(item)), removed: old.filter((item) => !fresh.includes(item)) };
}
