/** Routes of the telephone directories. What an admin makes there has an id of the client's making. */
import { freshId } from "../admin/ldap";
import type { Collection } from "./admin-routes";
import type { Answer, Http, Path } from "./http";
import type { Id, Kind, LdapNode, LdapProfile, LdapQuery, LdapTemplate, LdapUser, PhoneFleet } from "./types";

type Listed = Extract<Path<"GET">, `/admin/ldap/${"nodes" | "templates" | "users" | "profiles"}` | "/admin/phonebooks/fleets">;

/** Every list is written item by item; one that was removed comes back under its old id, so that what names it finds it again. */
function keyed<T extends { id: Id }>(http: Http, path: Listed, nameOf: (value: Partial<T>) => string, bodyOf: (value: Partial<T>) => object = (value) => value): Collection<T> {
  let taken = new Set<Id>();
  const put = (key: Id, value: Partial<T>): Promise<T> => http.request("PUT", `${path}/${encodeURIComponent(key)}`, bodyOf({ ...value, id: key }));
  return {
    list: async () => {
      const { items } = await http.request<{ items: T[] }>("GET", path);
      taken = new Set(items.map((item) => item.id));
      return { items, next: null };
    },
    create: (value) => put(freshId(nameOf(value), taken), value),
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
    /** Devices that ask over HTTP; what is only told of a fleet is not sent back. */
    fleets: keyed<PhoneFleet>(
      http, "/admin/phonebooks/fleets", (fleet) => fleet.name ?? "",
      ({ name = "", make, node_id, profile_id, active, key_in_path, plain_networks, most }) => ({ name, make, node_id, profile_id, active, key_in_path, plain_networks, most }),
    ),
    addKey: (fleet: Id, name: string) => http.post(`/admin/phonebooks/fleets/${encodeURIComponent(fleet)}/keys`, { name }),
    revokeKey: (fleet: Id, key: Id) => http.delete(`/admin/phonebooks/fleets/${encodeURIComponent(fleet)}/keys/${encodeURIComponent(key)}`),
    termxml: (file: File): Promise<LdapTemplate> => {
      const form = new FormData();
      form.append("file", file);
      return http.post(`/admin/ldap/templates/${encodeURIComponent(freshId(`${file.name.replace(/\.[^.]*$/, "")} ${Date.now().toString(36)}`, new Set()))}/termxml`, form);
    },
    /** What somebody sees, through every node. */
    sight: (kind: Kind, id: Id, signal?: AbortSignal) => http.get("/admin/ldap/sight", { kind, id }, signal),
    test: (query: LdapQuery, signal?: AbortSignal) => http.post("/admin/ldap/test", query, signal),
    books: (): Promise<Answer<"GET", "/admin/contacts/books">["items"]> => http.get("/admin/contacts/books").then(({ items }) => items),
  };
}
