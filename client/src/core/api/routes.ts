/** Every route the client uses, by name. */
import type { Http } from "./http";
import type {
  Contact, Grant, Hit, Id, JournalEntry, LevelName, Locale, Me, Page, PartyView, Person, PresenceState, Session, Token,
} from "./types";
import { adminRoutes } from "./admin-routes";

export interface JournalQuery {
  after?: string | null;
  limit?: number;
  q?: string;
  filter?: string;
  scope?: "mine" | "group" | "all";
  contact_id?: Id;
  number?: string;
  from?: string;
  to?: string;
}

export interface PresenceChange {
  state: PresenceState | null;
  until?: string | null;
  note?: string;
}

export type MeChange = Partial<{ name: string; locale: Locale; favourites: Id[]; settings: Record<string, unknown> }>;
export type NewContact = Partial<Pick<Contact, "display_name" | "first_name" | "last_name" | "company" | "emails" | "note">> & {
  numbers: { kind: string; raw: string }[];
};

const id = encodeURIComponent;

export function routes(http: Http) {
  return {
    http,
    session: {
      get: () => http.get<Session>("/session"),
      create: (login: string, password: string) => http.post<Session>("/session", { login, password }),
      delete: () => http.delete<null>("/session"),
    },
    me: {
      change: (change: MeChange) => http.patch<Me>("/me", change),
      password: (old: string, fresh: string) => http.post<null>("/me/password", { old, new: fresh }),
      presence: (change: PresenceChange) => http.put<null>("/me/presence", change),
      activity: (idle: boolean) => http.post<null>("/me/activity", { idle }),
      tokens: () => http.get<Page<Token>>("/me/tokens"),
      newToken: (token: { name: string; scopes: string[]; days: number | null }) => http.post<Token>("/me/tokens", token),
      deleteToken: (token: Id) => http.delete<null>(`/me/tokens/${id(token)}`),
      grants: () => http.get<Page<Grant>>("/me/grants"),
      grant: (user: Id, level: LevelName | null) => http.put<null>(`/me/grants/${id(user)}`, { level }),
    },
    people: {
      list: () => http.get<Page<Person>>("/people"),
      presence: (user: Id, change: PresenceChange) => http.put<null>(`/people/${id(user)}/presence`, change),
    },
    search: (q: string, limit = 20, signal?: AbortSignal) => http.get<Page<Hit>>("/search", { q, limit }, signal),
    identify: (number: string) => http.get<{ party: PartyView; hits: Hit[] }>("/identify", { number }),
    contacts: {
      get: (contact: Id) => http.get<Contact>(`/contacts/${id(contact)}`),
      create: (contact: NewContact) => http.post<Contact>("/contacts", contact),
    },
    calls: {
      make: (to: string, line_id?: Id, subject?: string) =>
        http.post<{ line_call_id?: Id; accepted: true }>("/calls", { to, ...(line_id ? { line_id } : {}), ...(subject ? { subject } : {}) }),
      command: (call: Id, command: string, body: { line_id: Id } & Record<string, unknown>) =>
        http.post<{ accepted: true }>(`/calls/${id(call)}/${command}`, body),
      note: (call: Id, body: { line_id: Id; note?: string; subject?: string; private?: boolean }) => http.patch<null>(`/calls/${id(call)}`, body),
    },
    lines: {
      dnd: (line: Id, on: boolean) => http.put<null>(`/lines/${id(line)}/dnd`, { on }),
      forwarding: (line: Id, type: string, on: boolean, to: string) => http.put<null>(`/lines/${id(line)}/forwarding`, { type, on, to }),
      groupPickup: (line: Id) => http.post<null>(`/lines/${id(line)}/group-pickup`),
    },
    journal: {
      list: (query: JournalQuery, signal?: AbortSignal) => http.get<Page<JournalEntry>>("/journal", { ...query }, signal),
      change: (entry: Id, change: Partial<Pick<JournalEntry, "note" | "subject" | "private" | "project">>) =>
        http.patch<JournalEntry>(`/journal/${id(entry)}`, change),
      done: (entry: Id, done: boolean) => http.post<JournalEntry>(`/journal/${id(entry)}/done`, { done }),
      history: (query: { number?: string; contact_id?: Id }, signal?: AbortSignal) =>
        http.get<Page<JournalEntry>>("/journal/history", { ...query }, signal),
    },
    admin: adminRoutes(http),
  };
}

export type Api = ReturnType<typeof routes>;
