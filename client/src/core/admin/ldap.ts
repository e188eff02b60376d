/** Small rules of the pages of the telephone directories. Pure. */
import type { LdapState } from "@core/api/types";

/** Whom the door answers. Silent: it is open, and all its processes hang, or begin only now. */
export function doorIs(state: Pick<LdapState, "running" | "local_only" | "workers">): "off" | "silent" | "local" | "on" {
  if (!state.running) return "off";
  if (!state.workers.some((worker) => worker.answers)) return "silent";
  return state.local_only ? "local" : "on";
}

/** An id that is not among the taken ones, from what somebody called it. */
export function freshId(name: string, taken: ReadonlySet<string>, random: () => number = Math.random): string {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  if (words && !taken.has(words)) return words;
  const mark = Math.floor(random() * 36 ** 4).toString(36).padStart(4, "0");
  return words ? `${words}-${mark}` : `n${mark}`;
}

/** The root of a new node (RFC 4514: what has a meaning there is written behind a backslash). */
export function suffixOf(name: string): string {
  const value = name.trim().toLowerCase().replace(/([\\,+"<>;=#])/g, "\\$1");
  return value ? `ou=${value},dc=meta` : "";
}

/** A template's filter with what was typed: % stands for it; in items about numbers for the number. RFC 4515: some characters are escaped. */
export function filled(ask: string, name: string, number: string): string {
  const safe = (text: string) => text.replace(/[\\*()\0]/g, (sign) => `\\${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return ask.replace(/([\w;.-]*)([<>~]?=)([*+]?)%/g, (_whole, attribute: string, sign: string, before: string) => {
    const isNumber = /phone|number|mobile|pager|fax/i.test(attribute);
    const typed = safe(isNumber ? number : name);
    return `${attribute}${sign}${before}${before === "+" ? typed.replace(/^\+/, "") : typed}`;
  });
}

/** The ten forms of a number: their names in a node, in the order of the codes that an explanation has them under. */
export const NUMBER_FORMATS = [
  "plain", "plain_short", "readable", "readable_short", "dialable", "din_5008", "din_5008_short", "plain_hyphen", "plain_hyphen_short", "unformatted",
] as const;
