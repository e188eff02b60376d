/** Problem details (RFC 9457) as an error that carries what a person needs: who has to act, and whether to try again. */

import type { Culprit, Retry } from "./generated";

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly status: number,
    readonly culprit: Culprit = "us",
    readonly retry: Retry = "later",
    readonly data: Record<string, unknown> = {},
  ) {
    super(detail || code);
    this.name = "Problem";
  }

  /** Reads whatever came as the body of an answer that is not 2xx. */
  static from(status: number, body: unknown): Problem {
    const value = (body ?? {}) as Record<string, unknown>;
    const text = (key: string) => (typeof value[key] === "string" ? value[key] : "");
    return new Problem(
      text("code") || `http-${status}`,
      text("detail") || text("title"),
      status,
      (text("culprit") as Culprit) || (status < 500 ? "user" : "us"),
      (text("retry") as Retry) || (status < 500 ? "never" : "later"),
      (value.data as Record<string, unknown>) ?? {},
    );
  }

  /** The request did not reach the server. */
  static unreachable(): Problem {
    return new Problem("unreachable", "", 0, "us", "later");
  }
}

/** Anything thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem("unexpected", error instanceof Error ? error.message : String(error), 0);
}
