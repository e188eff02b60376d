/** What people do with their own things: presence, pages, look, missed calls. */
import type { ForwardingType, JournalEntry, Me, PresenceInput } from "../api/types";
import type { AppState, Unisono } from "../app";
import { type Choice, remember } from "../choices";
import { me, ownLines, presenceOf } from "../replica/selectors";
import { pathOf, type Route } from "../router";
import { readSettings, type Settings, writeSettings } from "../settings";
import type { Action, Refusal } from "./action";

/** State null takes the manual state back. */
export interface PresenceTarget extends PresenceInput {
  /** Somebody else's, if allowed. */
  userId?: string;
}

function changePresence(app: Unisono, { userId, ...change }: PresenceTarget): Promise<unknown> {
  return userId ? app.api.people.presence(userId, change) : app.api.me.presence(change);
}

export const setPresence: Action<PresenceTarget> = {
  id: "presence.set", title: "presence.set", icon: "presence",
  target: ({ state, userId }) => `${userId ?? "me"}:${state ?? "auto"}`,
  refusal: (state, { userId }) =>
    userId && !presenceOf(state.replica.state, userId).settable ? { key: "why.noRight" } : null,
  run: async (app, target) => void (await changePresence(app, target)),
};

export const go: Action<Route> = {
  id: "go", title: "action.go", icon: "arrow", local: true, target: pathOf,
  refusal: (state, route) => (route.page === "admin" && !isAdmin(state) ? { key: "why.adminOnly" } : null),
  run: (app, route) => app.go(pathOf(route)),
};

function isAdmin(state: AppState): boolean {
  return me(state.replica.state)?.admin ?? state.session?.user.admin ?? false;
}

const always = (): Refusal | null => null;

export const openPalette: Action = {
  id: "palette", title: "action.palette", icon: "search", keys: "Ctrl+K", local: true, refusal: always,
  run: (app) => app.store.patch({ palette: true }),
};

export const openCheatSheet: Action = {
  id: "cheatSheet", title: "action.cheatSheet", icon: "keyboard", keys: "?", local: true, refusal: always,
  run: (app) => app.store.patch({ cheatSheet: !app.state.cheatSheet, palette: false }),
};

export const signOut: Action = {
  id: "signOut", title: "action.signOut", icon: "signOut", local: true, refusal: always,
  run: (app) => app.signOut(),
};

export const attendant: Action = {
  id: "attendant", title: "action.attendant", icon: "headset", keys: "G A", local: true, refusal: always,
  run: (app) => {
    app.store.patch({ attendant: !app.state.attendant, callWindow: "closed" });
    app.go("/");
  },
};

export const changeSettings: Action<Partial<Settings>> = {
  id: "settings.change", title: "settings.title", icon: "settings", target: (change) => Object.keys(change).join(","),
  refusal: always,
  run: async (app, change) => {
    const user = await app.api.me.change({ settings: writeSettings(change) });
    adoptMe(app, user);
  },
};

/** The answer to a change of one's own account arrives before the stream's fact does; both say the same. */
export function adoptMe(app: Unisono, user: Me | null): void {
  if (!user) return;
  app.store.update((state) => ({
    ...state,
    replica: { ...state.replica, state: { ...state.replica.state, me: { me: user } } },
  }));
}

/** Who a number with several contacts belongs to, for this person; null leaves it to the server again. */
export const chooseContact: Action<{ number: string; choice: Choice | null }> = {
  id: "contact.choose", title: "contact.choose", icon: "contacts", target: ({ number }) => number, refusal: always,
  run: (app, { number, choice }) => {
    const { chosenContacts } = readSettings(me(app.state.replica.state)?.settings);
    return changeSettings.run(app, { chosenContacts: remember(chosenContacts, number, choice) });
  },
};

export const toggleTheme: Action = {
  id: "theme", title: "action.theme", icon: "moon", refusal: always,
  run: (app) => {
    const { theme } = readSettings(me(app.state.replica.state)?.settings);
    return changeSettings.run(app, { theme: theme === "dark" ? "light" : "dark" });
  },
};

export const setFavourites: Action<{ favourites: string[]; groups?: Settings["favouriteGroups"] }> = {
  id: "favourites", title: "monitor.favourites", icon: "star", refusal: always,
  run: async (app, { favourites, groups }) => {
    const settings = groups ? { settings: writeSettings({ favouriteGroups: groups }) } : {};
    adoptMe(app, await app.api.me.change({ favourites, ...settings }));
  },
};

export const toggleFavourite: Action<{ userId: string }> = {
  id: "favourite", title: "monitor.favouriteToggle", icon: "star", target: ({ userId }) => userId, refusal: always,
  run: (app, { userId }) => {
    const now = me(app.state.replica.state)?.favourites ?? [];
    const favourites = now.includes(userId) ? now.filter((id) => id !== userId) : [...now, userId];
    return setFavourites.run(app, { favourites });
  },
};

export const markDone: Action<{ entry: JournalEntry; done: boolean }> = {
  id: "journal.done", title: "journal.markDone", icon: "check", target: ({ entry }) => entry.id, refusal: always,
  run: async (app, { entry, done }) => void (await app.api.journal.done(entry.id, done)),
};

/** The first own line on which somebody can pick up a call of the group without naming it. */
const pickingLine = (state: AppState) => ownLines(state.replica.state).find((line) => line.services.includes("groupPickupCall"));

/** Takes whatever rings in the own pick-up group of the telephone system. */
export const groupPickUp: Action = {
  id: "line.groupPickUp", title: "line.groupPickUp", icon: "pickUp", keys: "Alt+P",
  refusal: (state) => {
    if (ownLines(state.replica.state).length === 0) return { key: "why.noLine" };
    return pickingLine(state) ? null : { key: "why.lineCannot" };
  },
  run: async (app) => {
    const line = pickingLine(app.state);
    if (line) await app.api.lines.groupPickup(line.id);
  },
};

export const lineDnd: Action<{ lineId: string; on: boolean }> = {
  id: "line.dnd", title: "line.dnd", icon: "bellOff", target: ({ lineId, on }) => `${lineId}:${on}`,
  refusal: (state, { lineId }) =>
    state.replica.state.lines[lineId]?.services.includes("setDoNotDisturb") ? null : { key: "why.lineCannot" },
  run: async (app, { lineId, on }) => void (await app.api.lines.dnd(lineId, on)),
};

export const lineForwarding: Action<{ lineId: string; type: ForwardingType; on: boolean; to: string }> = {
  id: "line.forwarding", title: "line.forwarding", icon: "forward", target: ({ lineId, type, on }) => `${lineId}:${type}:${on}`,
  refusal: (state, { lineId }) =>
    state.replica.state.lines[lineId]?.services.includes("setForwarding") ? null : { key: "why.lineCannot" },
  run: async (app, { lineId, type, on, to }) => void (await app.api.lines.forwarding(lineId, type, on, to)),
};
