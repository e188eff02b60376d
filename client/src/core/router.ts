/** Addresses of the pages, as values. */

/** The administration as the rail shows it: each page under what it is about. */
export const ADMIN_SECTIONS = {
  system: ["status", "anomalies"],
  people: ["people", "groups", "rights"],
  telephony: ["connectors", "lines", "locations"],
  directory: ["sources", "books", "duplicates", "exports", "ldap"],
} as const;
export type AdminSection = keyof typeof ADMIN_SECTIONS;
export type AdminPage = (typeof ADMIN_SECTIONS)[AdminSection][number];
export const ADMIN_PAGES: readonly AdminPage[] = Object.values(ADMIN_SECTIONS).flat();
export type Route =
  | { page: "monitor" }
  | { page: "journal" }
  | { page: "contacts"; id: string | null }
  | { page: "settings" }
  | { page: "admin"; section: AdminPage; rest?: readonly string[] }
  | { page: "unknown" };

/** Pages of the telephone directories; the first is the page at a glance. */
export const LDAP_PARTS = ["", "nodes", "templates", "users", "profiles", "test", "fleets"] as const;
export type LdapPart = (typeof LDAP_PARTS)[number];

export function parsePath(pathname: string): Route {
  const [first = "", second = "", ...rest] = pathname.split("/").filter(Boolean).map(decodeSafely);
  switch (first) {
    case "":
    case "monitor":
      return { page: "monitor" };
    case "journal":
    case "settings":
      return { page: first };
    case "contacts":
      return { page: "contacts", id: second || null };
    case "admin": {
      const section = second || "status";
      if (!ADMIN_PAGES.includes(section as AdminPage)) return { page: "unknown" };
      return { page: "admin", section: section as AdminPage, ...(rest.length > 0 ? { rest } : {}) };
    }
    default:
      return { page: "unknown" };
  }
}

export function pathOf(route: Route): string {
  switch (route.page) {
    case "monitor":
    case "unknown":
      return "/";
    case "contacts":
      return route.id ? `/contacts/${encodeURIComponent(route.id)}` : "/contacts";
    case "admin":
      return ["", "admin", ...(route.section === "status" ? [] : [route.section, ...(route.rest ?? [])])].map(encodeURIComponent).join("/");
    default:
      return `/${route.page}`;
  }
}

function decodeSafely(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
