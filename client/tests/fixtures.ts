/** Small values to build states from. */
import type { Line, LineCall, Me, PartyView, Person } from "@core/api/types";
import { EMPTY_STATE, type State } from "@core/replica/model";

export const NOON = "2026-03-02T12:00:00Z";

export function party(number: string, more: Partial<PartyView> = {}): PartyView {
  return {
    number, display: number, canonical: number, name: "", company: "", contact_id: null, user_id: null, country: "", restricted: false, kind: "external",
    reason: "", alternatives: 0, ...more,
  };
}

export function call(id: string, more: Partial<LineCall> = {}): LineCall {
  return {
    id: `${id}:l1`, call_id: id, line_id: "l1", tracker: id, direction: "inbound", state: "connected", remote: party("+390432555014"), called: party("101"),
    redirecting: null, queue: "", started: NOON, rang: NOON, answered: NOON, ended: null, since: NOON, services: [], consultation: false, parties: [],
    result: null, cause: "normal", parked_at: "", returned: false, note: "", subject: "", data: {}, journal_id: null, ...more,
  };
}

export function line(id: string, more: Partial<Line> = {}): Line {
  return {
    id, number: "101", name: "", user_ids: ["anna"], own: true, link: "pbx", services: ["makeCall"],
    device_status: { in_service: true, do_not_disturb: false, forwarding: [], messages_waiting: 0 }, ...more,
  };
}

export function person(id: string, name: string, more: Partial<Person> = {}): Person {
  return { id, name, given_name: "", family_name: "", location: "", location_name: "", group_ids: [], group_names: [], rights: [], ...more };
}

export const ANNA: Me = {
  id: "anna", login: "anna", name: "Anna", mail: "", admin: false, locale: "en", group_ids: [], line_ids: ["l1"], location_id: "", favourites: [], settings: {},
};

export function state(calls: readonly LineCall[] = [], more: Partial<State> = {}): State {
  return {
    ...EMPTY_STATE, me: { me: ANNA }, lines: { l1: line("l1") }, calls: Object.fromEntries(calls.map((each) => [each.id, each])), ...more,
  };
}
