/** The shapes of docs/developers/api.md, word for word. */

export type Locale = "en" | "it" | "de";
export type Id = string;
/** ISO 8601 in UTC. */
export type Instant = string;

export interface Me {
  id: Id;
  login: string;
  name: string;
  mail: string;
  admin: boolean;
  locale: Locale;
  group_ids: Id[];
  line_ids: Id[];
  location_id: Id;
  favourites: Id[];
  settings: Record<string, unknown>;
}

export interface Session {
  user: Me;
  csrf: string;
  expires: Instant;
}

export interface Person {
  id: Id;
  name: string;
  given_name: string;
  family_name: string;
  title?: string | null;
  department?: string | null;
  mail?: string | null;
  mobile?: string | null;
  number?: string | null;
  location: string;
  location_name: string;
  group_ids: Id[];
  group_names: string[];
  initials: string;
  rights: string[];
}

export type PresenceState = "available" | "busy" | "away" | "dnd" | "offline" | "unknown";
export type PresenceReason = "manual" | "call" | "ringing" | "idle" | "line-dnd" | "signed-out" | "none";
export type Activity = "none" | "ringing" | "on-the-phone" | "conference" | "after-call";

export interface Presence {
  state: PresenceState;
  reason: PresenceReason;
  since: Instant | null;
  until: Instant | null;
  note: string;
  activity: Activity;
  with: string;
  settable: boolean;
}

export interface Forwarding {
  type: string;
  to: string;
}

export interface Line {
  id: Id;
  number: string;
  name: string;
  user_ids: Id[];
  device_status: { in_service: boolean; do_not_disturb: boolean; forwarding: Forwarding[]; messages_waiting: number };
  services: string[];
  own: boolean;
}

export interface PartyView {
  number: string;
  display: string;
  canonical: string;
  name: string;
  company: string;
  contact_id: Id | null;
  user_id: Id | null;
  country: string;
  restricted: boolean;
  kind: string;
  reason: string;
  alternatives: number;
}

export type CallState =
  | "initiated"
  | "dialing"
  | "ringback"
  | "offering"
  | "connected"
  | "hold"
  | "held-by-other"
  | "conferenced"
  | "queued"
  | "busy"
  | "failed"
  | "ended";

export interface LineCall {
  id: Id;
  call_id: Id;
  line_id: Id;
  tracker: string;
  direction: "inbound" | "outbound" | "internal" | "conference" | "feature";
  state: CallState;
  remote: PartyView;
  called: PartyView;
  redirecting: PartyView | null;
  queue: string;
  started: Instant;
  rang: Instant | null;
  answered: Instant | null;
  ended: Instant | null;
  since: Instant;
  services: string[];
  consultation: boolean;
  parties: PartyView[];
  result: string | null;
  cause: string;
  note: string;
  subject: string;
  data: Record<string, string>;
  journal_id: Id | null;
}

export interface Link {
  id: Id;
  name: string;
  kind: string;
  phase: "stopped" | "connecting" | "signing-in" | "synchronising" | "up" | "waiting" | "refused";
  code?: string;
  message?: string;
  remedy?: string;
  peer?: string;
  version?: string;
  lines?: number;
  since?: Instant;
}

export interface NumberView {
  kind: string;
  raw?: string;
  canonical: string;
  display: string;
}

export interface Address {
  kind: string;
  street: string;
  postal_code: string;
  city: string;
  state: string;
  country: string;
}

export interface Contact {
  id: Id;
  book: string;
  display_name: string;
  first_name: string;
  last_name: string;
  company: string;
  job_title: string;
  department: string;
  numbers: NumberView[];
  emails: string[];
  addresses: Address[];
  web: string;
  note: string;
  customer_id: string;
  direct_link: string;
  custom: Record<string, string>;
}

export interface Hit {
  kind: "contact" | "person";
  id: Id;
  title: string;
  subtitle: string;
  numbers: NumberView[];
  reason: string;
  score: number;
}

export interface JournalEntry {
  id: Id;
  call_id: Id;
  tracker: string;
  line_id: Id;
  line_number: string;
  user_id: Id | null;
  direction: "inbound" | "outbound" | "internal";
  internal: boolean;
  remote: PartyView;
  called: PartyView | null;
  redirecting: PartyView | null;
  queue: string;
  started: Instant;
  answered: Instant | null;
  ended: Instant | null;
  /** Seconds. */
  duration: number;
  talk: number;
  outcome: string;
  open: boolean;
  done_by: string | null;
  done_at: Instant | null;
  answered_by: string | null;
  subject: string;
  note: string;
  private: boolean;
  project: string;
  mine: boolean;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Token {
  id: Id;
  name: string;
  scopes: string[];
  created: Instant;
  expires: Instant | null;
  last_used: Instant | null;
  secret?: string;
}

export type LevelName = "blocked" | "public" | "business" | "team" | "personal";

export interface Grant {
  user_id: Id;
  level: LevelName | null;
  granted_to_me?: LevelName | null;
}
