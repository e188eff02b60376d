/** Every route the client uses, by name. Paths, bodies and answers are checked against the server's own description. */
import { adminRoutes } from "./admin-routes";
import { type Http, type Query, seen } from "./http";
import { ldapRoutes } from "./ldap-routes";
import type { CallDataInput, CommandInput, ContactInput, EntryInput, ForwardingType, Id, LevelName, MeInput, PresenceInput, TokenInput, Verb } from "./types";

const id = encodeURIComponent;

export function routes(http: Http) {
  return {
    http,
    session: {
      get: () => http.get("/session"),
      create: (login: string, password: string) => http.post("/session", { login, password }),
      delete: () => http.delete("/session"),
    },
    me: {
      change: (change: MeInput) => http.patch("/me", change),
      password: (old: string, fresh: string) => http.post("/me/password", { old, new: fresh }),
      presence: (change: PresenceInput) => http.put("/me/presence", change),
      activity: (idle: boolean) => http.post("/me/activity", { idle }),
      tokens: () => http.get("/me/tokens"),
      newToken: (token: TokenInput) => http.post("/me/tokens", token),
      deleteToken: (token: Id) => http.delete(`/me/tokens/${id(token)}`),
      grants: () => http.get("/me/grants"),
      grant: (user: Id, level: LevelName | null) => http.put(`/me/grants/${id(user)}`, { level }),
    },
    people: {
      presence: (user: Id, change: PresenceInput) => http.put(`/people/${id(user)}/presence`, change),
    },
    search: (q: string, limit = 20, signal?: AbortSignal) => http.get("/search", { q, limit }, signal),
    identify: (number: string) => http.get("/identify", { number }),
    contacts: {
      get: (contact: Id) => http.get(`/contacts/${id(contact)}`),
      create: (contact: ContactInput) => http.post("/contacts", contact),
      replace: (contact: Id, change: ContactInput, etag: string) => http.put(`/contacts/${id(contact)}`, change, seen(etag)),
      remove: (contact: Id, etag: string) => http.delete(`/contacts/${id(contact)}`, seen(etag)),
    },
    calls: {
      make: (to: string, line_id?: Id) => http.post("/calls", { to, ...(line_id ? { line_id } : {}) }),
      command: (call: Id, command: Verb, body: CommandInput) => http.post(`/calls/${id(call)}/${command}`, body),
      note: (call: Id, body: CallDataInput) => http.patch(`/calls/${id(call)}`, body),
    },
    lines: {
      dnd: (line: Id, on: boolean) => http.put(`/lines/${id(line)}/dnd`, { on }),
      forwarding: (line: Id, type: ForwardingType, on: boolean, to: string) => http.put(`/lines/${id(line)}/forwarding`, { type, on, to }),
      groupPickup: (line: Id) => http.post(`/lines/${id(line)}/group-pickup`),
    },
    journal: {
      list: (query: Query<"/journal">, signal?: AbortSignal) => http.get("/journal", query, signal),
      change: (entry: Id, change: EntryInput) => http.patch(`/journal/${id(entry)}`, change),
      done: (entry: Id, done: boolean) => http.post(`/journal/${id(entry)}/done`, { done }),
      history: (query: Query<"/journal/history">, signal?: AbortSignal) => http.get("/journal/history", query, signal),
    },
    admin: adminRoutes(http),
    ldap: ldapRoutes(http),
  };
}

export type Api = ReturnType<typeof routes>;
