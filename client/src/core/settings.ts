/** `Me.settings` as typed values with defaults. Unknown or broken values fall back. */
import { type Choices, readChoices } from "./choices";

export type ThemeChoice = "light" | "dark" | "auto";
export type Density = "tiles" | "rows" | "dense";

export interface Settings {
  theme: ThemeChoice;
  density: Density;
  /** Desktop notifications when the page is hidden. */
  notifications: boolean;
  ring: "bell" | "chime" | "pulse" | "silent";
  /** 0 to 1. */
  volume: number;
  /** Keep the call window for two minutes after a call. */
  twoMinutes: boolean;
  /** Open the call window by itself when a call begins. */
  openWindow: boolean;
  /** Ask before dialling a clicked number. */
  confirmDial: boolean;
  /** Favourites grouped by the person: names of groups with user ids. */
  favouriteGroups: { name: string; ids: string[] }[];
  /** Whom the person means by a number that several contacts have. */
  chosenContacts: Choices;
}

export const DEFAULTS: Settings = {
  theme: "auto",
  density: "tiles",
  notifications: true,
  ring: "bell",
  volume: 0.5,
  twoMinutes: true,
  openWindow: true,
  confirmDial: false,
  favouriteGroups: [],
  chosenContacts: {},
};

/** Names under which the server keeps them. */
export const KEYS: { readonly [K in keyof Settings]: string } = {
  theme: "theme",
  density: "density",
  notifications: "notifications",
  ring: "ring",
  volume: "volume",
  twoMinutes: "two_minutes",
  openWindow: "open_window",
  confirmDial: "confirm_dial",
  favouriteGroups: "favourite_groups",
  chosenContacts: "chosen_contacts",
};

const oneOf = <T extends string>(value: unknown, choices: readonly T[], fallback: T): T =>
  choices.includes(value as T) ? (value as T) : fallback;
const truth = (value: unknown, fallback: boolean): boolean => (typeof value === "boolean" ? value : fallback);

function groups(value: unknown): Settings["favouriteGroups"] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((item): item is { name: string; ids: unknown[] } => typeof item?.name === "string" && Array.isArray(item?.ids))
    .map((item) => ({ name: item.name, ids: item.ids.filter((id): id is string => typeof id === "string") }));
}

export function readSettings(raw: Record<string, unknown> | undefined): Settings {
  const value = (key: keyof Settings): unknown => raw?.[KEYS[key]];
  const volume = value("volume");
  return {
    theme: oneOf(value("theme"), ["light", "dark", "auto"], DEFAULTS.theme),
    density: oneOf(value("density"), ["tiles", "rows", "dense"], DEFAULTS.density),
    notifications: truth(value("notifications"), DEFAULTS.notifications),
    ring: oneOf(value("ring"), ["bell", "chime", "pulse", "silent"], DEFAULTS.ring),
    volume: typeof volume === "number" && volume >= 0 && volume <= 1 ? volume : DEFAULTS.volume,
    twoMinutes: truth(value("twoMinutes"), DEFAULTS.twoMinutes),
    openWindow: truth(value("openWindow"), DEFAULTS.openWindow),
    confirmDial: truth(value("confirmDial"), DEFAULTS.confirmDial),
    favouriteGroups: groups(value("favouriteGroups")),
    chosenContacts: readChoices(value("chosenContacts")),
  };
}

export function writeSettings(change: Partial<Settings>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(change).map(([key, value]) => [KEYS[key as keyof Settings], value]));
}
