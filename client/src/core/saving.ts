/** Saves on top of what was seen; where somebody else was faster, on top of what they have saved, if that can be. */
import { asProblem, type Problem } from "./api/problem";

/** So often somebody else may be faster. */
export const TRIES = 5;
const CHANGED = 412;
const GONE = 404;

/** Whether somebody else has saved something else: what is stored has to be read again. */
export const overtaken = (problem: Problem): boolean => problem.code === "changed-meanwhile" || problem.status === CHANGED;

export interface Saving<Stored, Body, Saved> {
  /** What is sent, on top of what is stored (undefined: it was removed); throws what the person at the form has to know. */
  merged: (stored: Stored | undefined) => Body;
  put: (body: Body, etag: string) => Promise<Saved>;
  load: () => Promise<Stored | undefined>;
}

export interface Done<Stored, Body, Saved> {
  /** What it was saved on top of. */
  stored: Stored;
  sent: Body;
  saved: Saved;
}

export async function savedOnTop<Stored extends { etag: string }, Body, Saved>(known: Stored, { merged, put, load }: Saving<Stored, Body, Saved>): Promise<Done<Stored, Body, Saved>> {
  let stored: Stored = known;
  for (let tries = 1; ; tries++) {
    const sent = merged(stored);
    try {
      return { stored, sent, saved: await put(sent, stored.etag) };
    } catch (error) {
      if (![CHANGED, GONE].includes(asProblem(error).status) || tries === TRIES) throw error;
      const now = await load();
      if (!now) {
        merged(now);
        throw error;
      }
      stored = now;
    }
  }
}
