/** Calls that are over stay in sight for a while, so that the note can be finished. Pure; times in milliseconds of the server's clock. */
import type { LineCall } from "../api/types";
import type { State } from "./model";
import { isLive, ownCalls } from "./selectors";

export const AFTER_CALL_MS = 120_000;

export interface AfterCall {
  call: LineCall;
  endedAt: number;
}

/**
 * What is to be kept after `before` became `after`: own calls that were talked on or rang and are gone or ended now.
 * A call handed on by a transfer (another living call has its tracker) is not kept: its story goes on.
 */
export function keepFinished(kept: readonly AfterCall[], before: State, after: State, now: number): readonly AfterCall[] {
  const living = ownCalls(after);
  const fresh = ownCalls(before)
    .filter((call) => !living.some((other) => other.id === call.id || other.tracker === call.tracker))
    .filter((call) => call.answered !== null && !kept.some((item) => item.call.id === call.id))
    .map((call) => ({ call: after.calls[call.id] ?? call, endedAt: now }));
  const still = kept
    .filter((item) => now - item.endedAt < AFTER_CALL_MS)
    .filter((item) => !(after.calls[item.call.id] && isLive(after.calls[item.call.id] as LineCall)))
    .map((item) => {
      const newer = after.calls[item.call.id];
      return newer && newer !== item.call ? { ...item, call: newer } : item;
    });
  const unchanged = fresh.length === 0 && still.length === kept.length && still.every((item, index) => item === kept[index]);
  return unchanged ? kept : [...still, ...fresh];
}

/** The journal entry of a finished call, once there is one. */
export function journalIdOf(state: State, call: LineCall): string | null {
  if (call.journal_id) return call.journal_id;
  const entry = Object.values(state.journal).find((item) => item.call_id === call.call_id && item.line_id === call.line_id);
  return entry?.id ?? null;
}
