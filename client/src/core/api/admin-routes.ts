/** Routes of the administration. Every list has the same five verbs. */
import type {
  AdminConnector, AdminGroup, AdminLine, AdminLocation, AdminPerson, ConnectorKind, ConnectorTest, Explanation, ImportPreview, Job, Status, TraceFrame,
} from "./admin-types";
import type { Http } from "./http";
import type { Id, Page } from "./types";

export interface ExplainQuery {
  location: AdminLocation;
  number: string;
  direction: "in" | "out" | "stored";
  origin?: string;
  role?: string;
}

export interface Collection<T> {
  list: () => Promise<Page<T>>;
  create: (value: Partial<T>) => Promise<T>;
  replace: (id: Id, value: Partial<T>) => Promise<T>;
  remove: (id: Id) => Promise<null>;
}

function collection<T>(http: Http, path: string): Collection<T> {
  const at = (key: Id) => `${path}/${encodeURIComponent(key)}`;
  return {
    list: async () => {
      const answer = await http.get<Page<T> | T[]>(path);
      return Array.isArray(answer) ? { items: answer, next: null } : answer;
    },
    create: (value) => http.post<T>(path, value),
    replace: (key, value) => http.put<T>(at(key), value),
    remove: (key) => http.delete<null>(at(key)),
  };
}

export function adminRoutes(http: Http) {
  return {
    people: collection<AdminPerson>(http, "/admin/people"),
    groups: collection<AdminGroup>(http, "/admin/groups"),
    lines: collection<AdminLine>(http, "/admin/lines"),
    locations: collection<AdminLocation>(http, "/admin/locations"),
    connectors: collection<AdminConnector>(http, "/admin/connectors"),
    kinds: async (): Promise<ConnectorKind[]> => {
      const answer = await http.get<Page<ConnectorKind> | ConnectorKind[]>("/admin/connectors/kinds");
      return Array.isArray(answer) ? answer : answer.items;
    },
    testConnector: (body: { kind: string; settings: Record<string, unknown>; id?: Id }) =>
      http.post<ConnectorTest>("/admin/connectors/test", body),
    /** The last frames of a link, oldest first. */
    trace: (connector: Id) => http.get<Page<TraceFrame>>(`/admin/connectors/${encodeURIComponent(connector)}/trace`),
    explain: (query: ExplainQuery, signal?: AbortSignal) => http.post<Explanation>("/admin/locations/explain", query, signal),
    importLocations: (file: File) => {
      const form = new FormData();
      form.append("file", file);
      return http.post<Page<AdminLocation>>("/admin/locations/import", form);
    },
    previewContacts: (file: File) => {
      const form = new FormData();
      form.append("file", file);
      return http.post<ImportPreview>("/admin/contacts/import/preview", form);
    },
    importContacts: (file: File, mapping: Record<string, string>, book: string, location: Id) => {
      const form = new FormData();
      form.append("file", file);
      form.append("mapping", JSON.stringify(mapping));
      form.append("book", book);
      form.append("location_id", location);
      return http.post<{ job: Id }>("/admin/contacts/import", form);
    },
    job: (job: Id) => http.get<Job>(`/admin/jobs/${encodeURIComponent(job)}`),
    status: () => http.get<Status>("/admin/status"),
  };
}
