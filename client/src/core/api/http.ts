/** Typed fetch: one place for the CSRF token, idempotency keys, problem details and the difference between our clock and the server's. */
import type { Operations } from "./generated";
import { Problem } from "./problem";

export type Method = keyof Operations;
/** Every path of a method; those with parameters are template types. */
export type Path<M extends Method> = Operations[M]["path"];
type Exactly<Operation, P> = Operation extends { path: infer Own } ? ([P, Own] extends [Own, P] ? Operation : never) : never;
type Part<M extends Method, P, Key extends string> = Exactly<Operations[M], P> extends { [K in Key]: infer Value } ? Value : undefined;
export type Answer<M extends Method, P extends Path<M>> = Part<M, P, "answer">;
export type Body<M extends Method, P extends Path<M>> = Part<M, P, "body">;
/** Parameters that are empty, null or undefined are left out. */
export type Query<P extends Path<"GET">> = { [K in keyof Part<"GET", P, "query">]: Part<"GET", P, "query">[K] | null };

export interface HttpOptions {
  base?: string;
  fetch?: typeof fetch;
  newKey?: () => string;
}

const SAFE = new Set(["GET", "HEAD"]);

/** What has to be stored for a change to be made (RFC 9110 13.1); otherwise it is refused with 412. */
export type Condition = { "If-Match": string } | { "If-None-Match": "*" };
/** Nothing yet. */
export const NEW: Condition = { "If-None-Match": "*" };
/** What was seen, by its tag. */
export const seen = (etag: string): Condition => ({ "If-Match": etag });

export function withQuery(path: string, query?: object): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

export class Http {
  csrf = "";
  /** The reader's language; empty: the browser names its own. */
  language = "";
  /** Milliseconds to add to our clock to get the server's. */
  skew = 0;
  /** Called when the server no longer knows the session. */
  onSignedOut: () => void = () => undefined;
  private readonly base: string;
  private readonly fetch: typeof fetch;
  private readonly newKey: () => string;

  constructor(options: HttpOptions = {}) {
    this.base = options.base ?? "/api/v1";
    this.fetch = options.fetch ?? ((...args) => globalThis.fetch(...args));
    this.newKey = options.newKey ?? randomKey;
  }

  get<P extends Path<"GET">>(path: P, query?: Query<P>, signal?: AbortSignal): Promise<Answer<"GET", P>> {
    return this.request("GET", withQuery(path, query), undefined, signal);
  }

  post<P extends Path<"POST">>(path: P, body?: Body<"POST", P>, signal?: AbortSignal): Promise<Answer<"POST", P>> {
    return this.request("POST", path, body, signal);
  }

  put<P extends Path<"PUT">>(path: P, body: Body<"PUT", P>, condition?: Condition): Promise<Answer<"PUT", P>> {
    return this.request("PUT", path, body, undefined, condition);
  }

  patch<P extends Path<"PATCH">>(path: P, body: Body<"PATCH", P>, condition?: Condition): Promise<Answer<"PATCH", P>> {
    return this.request("PATCH", path, body, undefined, condition);
  }

  delete<P extends Path<"DELETE">>(path: P, condition?: Condition): Promise<Answer<"DELETE", P>> {
    return this.request("DELETE", path, undefined, undefined, condition);
  }

  /** Any request; those above know what is answered. */
  async request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal, condition?: Condition): Promise<T> {
    const form = body instanceof FormData;
    const headers: Record<string, string> = { Accept: "application/json", ...condition };
    if (this.language) headers["Accept-Language"] = this.language;
    if (body !== undefined && !form) headers["Content-Type"] = "application/json";
    if (!SAFE.has(method)) {
      headers["Idempotency-Key"] = this.newKey();
      if (this.csrf) headers["X-CSRF-Token"] = this.csrf;
    }
    const asked = Date.now();
    let answer: Response;
    try {
      answer = await this.fetch(this.base + path, {
        method,
        headers,
        credentials: "same-origin",
        body: body === undefined ? null : form ? body : JSON.stringify(body),
        signal: signal ?? null,
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw Problem.unreachable();
    }
    this.learnClock(answer, asked);
    const content = await readBody(answer);
    if (!answer.ok) {
      if (answer.status === 401 && !path.startsWith("/session") && !path.startsWith("/me/password")) this.onSignedOut();
      throw Problem.from(answer.status, content);
    }
    return content as T;
  }

  private learnClock(answer: Response, asked: number): void {
    const date = Date.parse(answer.headers.get("Date") ?? "");
    if (Number.isNaN(date)) return;
    // `Date` is cut to whole seconds: half a second is the best guess, and less than two seconds' difference is none.
    const skew = date + 500 - (asked + Date.now()) / 2;
    this.skew = Math.abs(skew) < 2000 ? 0 : skew;
  }
}

async function readBody(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (!text) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
