/** Arranging favourites: pure moves over the ordered list and the person's own groups. */
import type { Settings } from "./settings";

export interface Arrangement {
  favourites: string[];
  groups: Settings["favouriteGroups"];
}

/** The sections in order: the favourites without a group first (name empty), then the person's groups. Unknown ids are left out. */
export function sections({ favourites, groups }: Arrangement, known: (id: string) => boolean): { name: string; ids: string[] }[] {
  const grouped = new Set(groups.flatMap((group) => group.ids));
  const loose = favourites.filter((id) => !grouped.has(id) && known(id));
  return [{ name: "", ids: loose }, ...groups.map((group) => ({ name: group.name, ids: group.ids.filter((id) => favourites.includes(id) && known(id)) }))];
}

/** Takes `id` out of where it is and puts it before `before` (null: at the end) in the group named `group` ("" : no group). */
export function place(now: Arrangement, id: string, group: string, before: string | null): Arrangement {
  if (id === before) return now;
  const into = (ids: readonly string[]): string[] => {
    const rest = ids.filter((each) => each !== id);
    const at = before === null ? -1 : rest.indexOf(before);
    return at < 0 ? [...rest, id] : [...rest.slice(0, at), id, ...rest.slice(at)];
  };
  const groups = now.groups.map((each) => ({ name: each.name, ids: each.name === group ? into(each.ids) : each.ids.filter((other) => other !== id) }));
  return { favourites: group === "" ? into(now.favourites) : now.favourites.includes(id) ? now.favourites : [...now.favourites, id], groups };
}

/** One step earlier (-1) or later (+1) within its section. */
export function shift(now: Arrangement, id: string, step: -1 | 1): Arrangement {
  const own = sections(now, () => true).find((section) => section.ids.includes(id));
  if (!own) return now;
  const at = own.ids.indexOf(id);
  const target = at + step;
  if (target < 0 || target >= own.ids.length) return now;
  const before = step < 0 ? (own.ids[target] ?? null) : (own.ids[target + 1] ?? null);
  return place(now, id, own.name, before);
}

export function addGroup(now: Arrangement, name: string): Arrangement {
  const clean = name.trim();
  if (!clean || now.groups.some((group) => group.name === clean)) return now;
  return { ...now, groups: [...now.groups, { name: clean, ids: [] }] };
}

export function removeGroup(now: Arrangement, name: string): Arrangement {
  return { ...now, groups: now.groups.filter((group) => group.name !== name) };
}
