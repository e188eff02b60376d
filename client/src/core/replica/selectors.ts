/** Questions views ask of the state. Pure; those that build new values are meant for `useSelect` with `sameList`. */
import type { CallState, Line, LineCall, Link, Me, PartyView, Person, Presence } from "../api/types";
import type { State } from "./model";

export const UNKNOWN_PRESENCE: Presence = {
  state: "unknown", reason: "none", since: null, until: null, note: "", activity: "none", with: "", settable: false,
};

export const me = (state: State): Me | null => state.me.me ?? null;
export const presenceOf = (state: State, user: string): Presence => state.presence[user] ?? UNKNOWN_PRESENCE;
export const missedOpen = (state: State): number => state.counts.journal?.missed_open ?? 0;

const FINISHED: ReadonlySet<CallState> = new Set(["ended"]);
const TALKING: ReadonlySet<CallState> = new Set(["connected", "conferenced"]);

export const isLive = (call: LineCall): boolean => !FINISHED.has(call.state);
export const isRinging = (call: LineCall): boolean => call.state === "offering";
export const isTalking = (call: LineCall): boolean => TALKING.has(call.state);

const byStart = (a: LineCall, b: LineCall): number => a.started.localeCompare(b.started) || a.id.localeCompare(b.id);

/** Lines that are the viewer's, main line first. */
export function ownLines(state: State): Line[] {
  const order = me(state)?.line_ids ?? [];
  const rank = (line: Line) => (order.includes(line.id) ? order.indexOf(line.id) : order.length);
  return Object.values(state.lines)
    .filter((line) => line.own)
    .sort((a, b) => rank(a) - rank(b) || a.number.localeCompare(b.number));
}

/** The links to the PBXs of the viewer's own lines that do not work now. */
export function brokenLinks(state: State): Link[] {
  return [...new Set(ownLines(state).map((line) => line.link))]
    .map((id) => state.links[id])
    .filter((link): link is Link => link !== undefined && link.phase !== "up");
}

/** Living calls on the viewer's own lines, oldest first. */
export function ownCalls(state: State): LineCall[] {
  return Object.values(state.calls)
    .filter((call) => isLive(call) && (state.lines[call.line_id]?.own ?? me(state)?.line_ids.includes(call.line_id) ?? false))
    .sort(byStart);
}

export const ringingCalls = (state: State): LineCall[] => ownCalls(state).filter(isRinging);

/** The call the keys act on: talking before dialling before held, ringing ones never (they have the banner). */
export function activeCall(calls: readonly LineCall[]): LineCall | null {
  const weight = (call: LineCall): number => {
    if (isTalking(call)) return 0;
    if (call.state === "hold" || call.state === "held-by-other") return 2;
    return 1;
  };
  const candidates = calls.filter((call) => isLive(call) && !isRinging(call));
  return [...candidates].sort((a, b) => weight(a) - weight(b) || b.since.localeCompare(a.since))[0] ?? null;
}

/** The other call on the same line that is on hold: the partner for transfer, conference and alternate. */
export function heldPartner(calls: readonly LineCall[], call: LineCall): LineCall | null {
  return calls.find((other) => other.id !== call.id && other.line_id === call.line_id && other.state === "hold") ?? null;
}

const NO_CALLS: readonly LineCall[] = [];
let personIndex: { calls: State["calls"]; lines: State["lines"]; byUser: Map<string, LineCall[]> } | null = null;

/** Living calls of a colleague as far as they may be seen; indexed once per change, for monitors with hundreds of people. */
export function callsOfPerson(state: State, user: string): readonly LineCall[] {
  if (personIndex?.calls !== state.calls || personIndex.lines !== state.lines) {
    const byUser = new Map<string, LineCall[]>();
    for (const call of Object.values(state.calls).filter(isLive).sort(byStart)) {
      for (const id of state.lines[call.line_id]?.user_ids ?? []) byUser.set(id, [...(byUser.get(id) ?? []), call]);
    }
    personIndex = { calls: state.calls, lines: state.lines, byUser };
  }
  return personIndex.byUser.get(user) ?? NO_CALLS;
}

/** The call that rings at a colleague and may be seen. */
export const ringingAt = (state: State, user: string): LineCall | null => callsOfPerson(state, user).find(isRinging) ?? null;

/** The call ringing at a colleague that may be picked up: at `user` if there is one, else the one that rings longest. */
export function pickableCall(state: State, user: string): LineCall | null {
  const pickable = Object.values(state.calls)
    .filter((call) => isRinging(call) && call.services.includes("directedPickupCall") && !state.lines[call.line_id]?.own)
    .sort(byStart);
  return pickable.find((call) => state.lines[call.line_id]?.user_ids.includes(user)) ?? pickable[0] ?? null;
}

/** Calls that were parked on the viewer's own lines and wait to be fetched, oldest first. */
export function parkedCalls(state: State): LineCall[] {
  return Object.values(state.calls)
    .filter((call) => call.parked_at && state.lines[call.line_id]?.own)
    .sort(byStart);
}

/** Colleagues in alphabetical order, without the viewer. */
export function colleagues(state: State, locale: string): Person[] {
  const own = me(state)?.id;
  const collator = new Intl.Collator(locale);
  return Object.values(state.people)
    .filter((person) => person.id !== own)
    .sort((a, b) => collator.compare(a.name, b.name));
}

/** What to call a party when there is little to go by; empty when the number is withheld and nothing is known. */
export function partyTitle(party: PartyView): string {
  return party.name || party.company || party.display || party.canonical || party.number;
}

/** The second line: the firm if the name is a person's. */
export function partySubtitle(party: PartyView): string {
  return party.name && party.company && party.name !== party.company ? party.company : "";
}

export function partyNumber(party: PartyView): string {
  return party.display || party.canonical || party.number;
}

export function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => Object.is(item, b[index]));
}
