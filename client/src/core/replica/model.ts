/** The client's copy of what the server shows this viewer, and the messages that keep it. */
import type { Collections } from "../api/generated";

export type CollectionName = keyof Collections;
export type State = { readonly [K in CollectionName]: Readonly<Record<string, Collections[K]>> };

export interface Replica {
  readonly epoch: string;
  readonly seq: number;
  readonly state: State;
}

export interface Fact {
  collection: string;
  id: string;
  value: unknown;
}

export type ServerMessage =
  | { type: "snapshot"; epoch: string; seq: number; state: Record<string, Record<string, unknown>> }
  | { type: "facts"; seq: number; facts: Fact[] }
  | { type: "ping" };

export type ClientMessage = { type: "hello"; epoch: string; seq: number } | { type: "pong" };

export const EMPTY_STATE: State = { me: {}, people: {}, presence: {}, lines: {}, calls: {}, links: {}, counts: {}, journal: {} };
export const EMPTY_REPLICA: Replica = { epoch: "", seq: 0, state: EMPTY_STATE };
