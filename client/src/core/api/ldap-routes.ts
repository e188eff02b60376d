/** Routes of the telephone directories. What an admin makes there has an id of the client's making. */
import { freshId } from "../admin/ldap";
import { TRIES } from "../saving";
import type { Collection } from "./admin-routes";
import { type Answer, type Condition, type Http, NEW, type Path, seen } from "./http";
import { asProblem } from "./problem";
import type { Id, Kind, LdapNode, LdapProfile, LdapQuery, LdapTemplate, LdapUser, PhoneFleet } from "./types";

type Listed = Extract<Path<"GET">, `/admin/ldap/${"nodes" | "templates" | "users" | "profiles"}` | "/admin/phonebooks/fleets">;

/** Every list is written item by item; one that was removed comes back under its old id, so that what names it finds it again. */
function keyed<T extends { id: Id }>(http: Http, path: Listed, nameOf: (value: Partial<T>) => string, bodyOf: (value: Partial<T>) => object = (value) => value): Collection<T> {
  let taken = new Set<Id>();
  const put = (key: Id, value: Partial<T>, condition: Condition): Promise<T> => http.request("PUT", `${path}/${encodeURIComponent(key)}`, bodyOf({ ...value, id: key }), undefined, condition);
  const create = async (value: Partial<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      const key = freshId(nameOf(value), taken);
      try {
        return await put(key, value, NEW);
      } catch (error) {
        // Somebody else has made one with this id since the list was read.
        if (asProblem(error).code !== "there-already" || tries === TRIES) throw error;
        taken.add(key);
      }
    }
  };
  return {
    list: async () => {
      const { items } = await http.request<{ items: T[] }>("GET", path);
      taken = new Set(items.map((item) => item.id));
      return { items, next: null };
    },
    create,
    replace: (key, value, etag) => put(key, value, seen(etag)),
    restore: (value) => put(value.id, value, NEW),
    remove: (key, etag) => http.request("DELETE", `${path}/${encodeURIComponent(key)}`, undefined, undefined, seen(etag)),
  };
}

export function ldapRoutes(http: Http) {
  const templates = keyed<LdapTemplate>(http, "/admin/ldap/templates", (template) => template.name ?? "");
  return {
    state: () => http.get("/admin/ldap/state"),
    nodes: keyed<LdapNode>(http, "/admin/ldap/nodes", (node) => node.name || node.suffix || ""),
    /** In the place of one that was changed and is taken back there is the ready one, to be changed again. */
    templates: {
      ...templates,
      restore: async (value: LdapTemplate) => {
        const ready = value.origin === "changed" ? (await templates.list()).items.find((each) => each.id === value.id) : undefined;
        return ready?.origin === "ready" ? templates.replace(value.id, value, ready.etag) : (templates.restore ?? templates.create)(value);
      },
    } satisfies Collection<LdapTemplate>,
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
      const key = freshId(`${file.name.replace(/\.[^.]*$/, "")} ${Date.now().toString(36)}`, new Set());
      return http.request("POST", `/admin/ldap/templates/${encodeURIComponent(key)}/termxml`, form, undefined, NEW);
    },
    /** What somebody sees, through every node. */
    sight: (kind: Kind, id: Id, signal?: AbortSignal) => http.get("/admin/ldap/sight", { kind, id }, signal),
    test: (query: LdapQuery, signal?: AbortSignal) => http.post("/admin/ldap/test", query, signal),
    books: (): Promise<Answer<"GET", "/admin/contacts/books">["items"]> => http.get("/admin/contacts/books").then(({ items }) => items),
  };
}
