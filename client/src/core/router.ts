/** Addresses of the pages, as values. */

export type AdminPage = "status" | "people" | "groups" | "rights" | "lines" | "locations" | "connectors" | "anomalies" | "import";
export type Route =
  | { page: "monitor" }
  | { page: "journal" }
  | { page: "contacts"; id: string | null }
  | { page: "settings" }
  | { page: "admin"; section: AdminPage }
  | { page: "unknown" };

export const ADMIN_PAGES: readonly AdminPage[] = ["status", "people", "groups", "rights", "lines", "locations", "connectors", "anomalies", "import"];

export function parsePath(pathname: string): Route {
  const [first = "", second = ""] = pathname.split("/").filter(Boolean).map(decodeSafely);
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
      return ADMIN_PAGES.includes(section as AdminPage) ? { page: "admin", section: section as AdminPage } : { page: "unknown" };
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
      return route.section === "status" ? "/admin" : `/admin/${route.section}`;
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
