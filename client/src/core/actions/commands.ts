/** What the palette and the cheat sheet list: actions without a target of their own, with the pages. */
import type { AppState } from "../app";
import type { Key } from "../i18n/translate";
import type { IconName } from "../icons";
import { me, ownLines } from "../replica/selectors";
import { ADMIN_SECTIONS, type AdminPage, type AdminSection, LDAP_PARTS, pathOf, type Route } from "../router";
import { type Action, whyNot } from "./action";
import { alternate, answer, blindTransfer, conference, consult, decline, deflect, hangUp, hold, pickUp, transfer } from "./calls";
import { attendant, go, groupPickUp, lineDnd, openCheatSheet, openPalette, setPresence, signOut, toggleTheme } from "./own";

export interface PageEntry {
  route: Route;
  title: Key;
  icon: IconName;
  keys?: string;
}

export const PAGES: readonly PageEntry[] = [
  { route: { page: "monitor" }, title: "nav.monitor", icon: "monitor", keys: "G M" },
  { route: { page: "journal" }, title: "nav.journal", icon: "journal", keys: "G J" },
  { route: { page: "contacts", id: null }, title: "nav.contacts", icon: "contacts", keys: "G C" },
  { route: { page: "settings" }, title: "nav.settings", icon: "settings", keys: "G S" },
];

const ADMIN_ICONS: Record<AdminPage, IconName> = {
  status: "pulse", people: "users", groups: "group", rights: "lock", lines: "deskPhone", locations: "hash", connectors: "plug", anomalies: "alert",
  sources: "sync", books: "contacts", duplicates: "conference", exports: "upload", ldap: "directory",
};

const adminEntry = (section: AdminPage): PageEntry => ({
  route: { page: "admin", section }, title: `admin.nav.${section}` as Key, icon: ADMIN_ICONS[section],
  ...(section === "status" ? { keys: "G D" } : {}),
});

/** The pages of the administration under their headings, and all in a row. */
export const ADMIN_GROUPS: readonly { id: AdminSection; title: Key; entries: readonly PageEntry[] }[] = Object.entries(ADMIN_SECTIONS).map(
  ([id, pages]) => ({ id: id as AdminSection, title: `admin.section.${id}` as Key, entries: pages.map(adminEntry) }),
);
export const ADMIN_ENTRIES: readonly PageEntry[] = ADMIN_GROUPS.flatMap(({ entries }) => entries);

/** Pages below a page of the administration: found by their names, not in the rail. */
const ADMIN_PARTS: readonly PageEntry[] = LDAP_PARTS.filter((part) => part !== "").map((part) => ({
  route: { page: "admin", section: "ldap", rest: [part] }, title: `ldapTab.${part}` as Key, icon: ADMIN_ICONS.ldap,
}));

/** A command of the palette: an action bound to its target. */
export interface Command {
  id: string;
  title: Key;
  icon: IconName;
  keys?: string;
  action: Action<never>;
  target: unknown;
}

function bind<T>(action: Action<T>, target: T, title: Key = action.title, keys = action.keys): Command {
  return {
    id: `${action.id}:${action.target?.(target) ?? ""}`, title, icon: action.icon, ...(keys ? { keys } : {}),
    action: action as unknown as Action<never>, target,
  };
}

/** Everything that can be done now without choosing something first. */
export function commands(state: AppState): Command[] {
  const admin = me(state.replica.state)?.admin ?? false;
  const pages = [...PAGES, ...(admin ? [...ADMIN_ENTRIES, ...ADMIN_PARTS] : [])].map((page) => ({
    ...bind(go, page.route, page.title, page.keys), icon: page.icon, id: `go:${pathOf(page.route)}`,
  }));
  const presence = [
    bind(setPresence, { state: "available" }, "presence.setAvailable"),
    bind(setPresence, { state: "busy" }, "presence.setBusy"),
    bind(setPresence, { state: "away" }, "presence.setAway"),
    bind(setPresence, { state: "dnd" }, "presence.setDnd"),
    bind(setPresence, { state: null }, "presence.setAuto"),
  ];
  const [line] = ownLines(state.replica.state);
  const quiet = line?.device_status.do_not_disturb ?? false;
  const telephone = line
    ? [bind(groupPickUp, undefined), bind(lineDnd, { lineId: line.id, on: !quiet }, quiet ? "line.dndOff" : "line.dndOn")]
    : [];
  const rest = [attendant, toggleTheme, openCheatSheet, signOut].map((action) => bind(action, undefined));
  return [...pages, ...presence, ...telephone, ...rest].filter((command) => !whyNot(command.action, state, command.target as never));
}

export interface CheatSection {
  title: Key;
  rows: { keys: string; title: Key }[];
}

const rows = (actions: readonly { keys?: string; title: Key }[]) =>
  actions.flatMap(({ keys, title }) => (keys ? [{ keys, title }] : []));

/** The cheat sheet, from the same objects that the keys run. */
export const CHEAT_SHEET: readonly CheatSection[] = [
  { title: "cheat.ringing", rows: rows([answer, decline, deflect, pickUp, groupPickUp]) },
  { title: "cheat.call", rows: rows([hangUp, { ...hold, title: "call.holdResume" }, consult, transfer, blindTransfer, alternate, conference]) },
  { title: "cheat.everywhere", rows: [{ keys: "/", title: "action.search" }, ...rows([openPalette, openCheatSheet, attendant])] },
  { title: "cheat.pages", rows: rows([...PAGES, ...ADMIN_ENTRIES]) },
  {
    title: "cheat.lists",
    rows: [
      { keys: "↑ ↓", title: "cheat.move" },
      { keys: "Enter", title: "cheat.open" },
      { keys: "C", title: "cheat.callSelected" },
      { keys: "Alt+↑ ↓", title: "cheat.arrange" },
    ],
  },
];
