/** Routes of the administration. Every list has the same five verbs. */
import { type Answer, type Http, type Path, seen } from "./http";
import { exportRoutes } from "./export-routes";
import { runRoutes } from "./run-routes";
import { sourceRoutes } from "./source-routes";
import type { DuplicateRule, AdminLineInput, AdminLocation, AdminPerson, ExplainUnsavedInput, Id, Page, RightsInput, TestInput } from "./types";

export interface Collection<T> {
  list: () => Promise<Page<T>>;
  create: (value: Partial<T>) => Promise<T>;
  /** Changes, or takes away, what has this tag; refused with 412 if that is another one by now. */
  replace: (id: Id, value: Partial<T>, etag: string) => Promise<T>;
  remove: (id: Id, etag: string) => Promise<null>;
  /** Brings back under its old id what was removed; without it, it gets a new one. */
  restore?: (value: T) => Promise<T>;
}

type Collected = Extract<Path<"GET">, Path<"POST">>;
type Item<P extends Collected> = Answer<"GET", P> extends Page<infer T> ? T : never;

function collection<P extends Collected, T = Item<P>>(http: Http, path: P): Collection<T> {
  const at = (key: Id) => `${path}/${encodeURIComponent(key)}`;
  return {
    list: () => http.request("GET", path),
    create: (value) => http.request("POST", path, value),
    replace: (key, value, etag) => http.request("PUT", at(key), value, undefined, seen(etag)),
    remove: (key, etag) => http.request("DELETE", at(key), undefined, undefined, seen(etag)),
  };
}

function withFile(file: File): FormData {
  const form = new FormData();
  form.append("file", file);
  return form;
}

export function adminRoutes(http: Http) {
  return {
    people: collection<"/admin/people", AdminPerson>(http, "/admin/people"),
    groups: collection(http, "/admin/groups"),
    lines: collection(http, "/admin/lines"),
    locations: collection<"/admin/locations", AdminLocation>(http, "/admin/locations"),
    connectors: collection(http, "/admin/connectors"),
    rights: {
      get: () => http.get("/admin/rights"),
      change: (change: RightsInput, etag: string) => http.patch("/admin/rights", change, seen(etag)),
      /** What a change would mean; changes nothing. */
      effects: (change: RightsInput, signal?: AbortSignal) => http.post("/admin/rights/effects", change, signal),
    },
    /** What a file with people means; changes nothing. */
    previewPeople: (file: File) => http.post("/admin/people/import/preview", withFile(file)),
    importPeople: (file: File) => http.post("/admin/people/import", withFile(file)),
    /** What was just added goes, whatever became of it. */
    removePeople: (ids: readonly Id[]) => Promise.all(ids.map((each) => http.delete(`/admin/people/${encodeURIComponent(each)}`))),
    kinds: () => http.get("/admin/connectors/kinds").then((kinds) => kinds.items),
    /** Tries a link that is down now, not only at its next time. */
    retryConnector: (connector: Id) => http.post(`/admin/connectors/${encodeURIComponent(connector)}/retry`),
    testConnector: (body: TestInput) => http.post("/admin/connectors/test", body),
    /** Devices that the connected telephone systems say they have. */
    discovered: () => http.get("/admin/lines/discovered").then((page) => page.items),
    addLines: (lines: AdminLineInput[]) => http.post("/admin/lines/several", { lines }).then((page) => page.items),
    removeLines: (ids: Id[]) => http.post("/admin/lines/several/remove", { ids }),
    /** The last frames of a link, oldest first. */
    trace: (connector: Id) => http.get(`/admin/connectors/${encodeURIComponent(connector)}/trace`),
    /** Events of a link that could not be, the latest first. */
    anomalies: (connector: Id) => http.get(`/admin/connectors/${encodeURIComponent(connector)}/anomalies`),
    clearAnomalies: (connector: Id) => http.delete(`/admin/connectors/${encodeURIComponent(connector)}/anomalies`),
    /** Where they are downloaded from, as an archive. */
    recordingUrl: (connector: Id) => `/api/v1/admin/connectors/${encodeURIComponent(connector)}/recording`,
    explain: (query: ExplainUnsavedInput, signal?: AbortSignal) => http.post("/admin/locations/explain", query, signal),
    importLocations: (file: File) => http.post("/admin/locations/import", withFile(file)),
    sources: sourceRoutes(http),
    exports: exportRoutes(http),
    runs: runRoutes(http),
    books: collection(http, "/admin/contacts/books"),
    duplicates: {
      get: () => http.get("/admin/contacts/duplicates"),
      effects: (after: string, signal?: AbortSignal) => http.get("/admin/contacts/duplicates/effects", { after }, signal),
      persons: (q: string, after: string, signal?: AbortSignal) => http.get("/admin/contacts/duplicates/persons", { q, after }, signal),
      rule: (rule: DuplicateRule, on: boolean) => http.put(`/admin/contacts/duplicates/rules/${rule}`, { on }),
      decide: (first: Id, second: Id, joined: boolean) => http.put("/admin/contacts/duplicates/pairs", { first, second, joined }),
      forget: (first: Id, second: Id) => http.delete(`/admin/contacts/duplicates/pairs/${encodeURIComponent(first)}/${encodeURIComponent(second)}`),
    },
    status: () => http.get("/admin/status"),
  };
}
