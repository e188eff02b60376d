/** Pure: replica + message = replica. Collections nobody touched keep their identity, so that views can compare by reference. */
import { EMPTY_STATE, type Fact, type Replica, type ServerMessage, type State } from "./model";

type Loose = Record<string, Record<string, unknown>>;

/** Sets or removes one entry per fact; a collection is copied once however many facts touch it. */
export function applyFacts(state: State, facts: readonly Fact[]): State {
  const before = state as unknown as Loose;
  const next: Loose = { ...before };
  for (const { collection, id, value } of facts) {
    if (next[collection] === before[collection]) next[collection] = { ...before[collection] };
    const entries = next[collection] as Record<string, unknown>;
    if (value === null || value === undefined) delete entries[id];
    else entries[id] = value;
  }
  return next as unknown as State;
}

/** Applies one message from the server. A ping changes nothing; facts already known change nothing. */
export function reduce(replica: Replica, message: ServerMessage): Replica {
  switch (message.type) {
    case "snapshot":
      return { epoch: message.epoch, seq: message.seq, state: { ...EMPTY_STATE, ...message.state } as unknown as State };
    case "facts":
      if (message.seq <= replica.seq) return replica;
      return { epoch: replica.epoch, seq: message.seq, state: applyFacts(replica.state, message.facts) };
    case "ping":
      return replica;
  }
}

/** Reads one frame; null when it is nothing this client knows (a newer server may say more). */
export function parseMessage(text: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const message = value as Record<string, unknown>;
  switch (message.type) {
    case "snapshot":
      return typeof message.state === "object" && message.state !== null && typeof message.seq === "number" ? (value as ServerMessage) : null;
    case "facts":
      return Array.isArray(message.facts) && typeof message.seq === "number" ? (value as ServerMessage) : null;
    case "ping":
      return { type: "ping" };
    default:
      return null;
  }
}
