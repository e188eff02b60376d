/** Routes of the telephone directories. What an admin makes there has an id of the client's making. */
import { freshId } from "../admin/ldap";
import type { Collection } from "./admin-routes";
import type { Answer, Http, Path } from "./http";
import type { Id, Kind, LdapNode, LdapProfile, LdapQuery, LdapTemplate, LdapUser } from "./types";

type Listed = Extract<Path<"GET">, `/admin/ldap/${"nodes" | "templates" | "users" | "profiles"}`>;

/** Every list is written item by item; one that was removed comes back under its old id, so that what names it finds it again. */
function keyed<T extends { id: Id }>(http: Http, path: Listed, nameOf: (value: Partial<T>) => string): Collection<T> {
  const put = (key: Id, value: Partial<T>): Promise<T> => http.request("PUT", `${path}/${encodeURIComponent(key)}`, { ...value, id: key });
  return {
    list: () => http.request<{ items: T[] }>("GET", path).then(({ items }) => ({ items, next: null })),
    create: (value) => put(freshId(nameOf(value)), value),
    replace: put,
    restore: (value) => put(value.id, value),
    remove: (key) => http.request("DELETE", `${path}/${encodeURIComponent(key)}`),
  };
}

export function ldapRoutes(http: Http) {
  return {
    state: () => http.get("/admin/ldap/state"),
    nodes: keyed<LdapNode>(http, "/admin/ldap/nodes", (node) => node.name || node.suffix || ""),
    templates: keyed<LdapTemplate>(http, "/admin/ldap/templates", (template) => template.name ?? ""),
    users: keyed<LdapUser>(http, "/admin/ldap/users", (user) => user.name ?? ""),
    profiles: keyed<LdapProfile>(http, "/admin/ldap/profiles", (profile) => profile.name ?? ""),
    termxml: (file: File): Promise<LdapTemplate> => {
      const form = new FormData();
      form.append("file", file);
      return http.post(`/admin/ldap/templates/${encodeURIComponent(freshId(file.name.replace(/\.[^.]*$/, "")))}/termxml`, form);
    },
    /** What somebody sees, through every node. */
    sight: (kind: Kind, id: Id, signal?: AbortSignal) => http.get("/admin/ldap/sight", { kind, id }, signal),
    test: (query: LdapQuery, signal?: AbortSignal) => http.post("/admin/ldap/test", query, signal),
    books: (): Promise<Answer<"GET", "/admin/contacts/books">["items"]> => http.get("/admin/contacts/books").then(({ items }) => items),
  };
}
