/** The places where levels are set for more than one person, as values. */
import type { LevelName, Levels, Rights, RightsGroup, RightsInput } from "@core/api/types";
import { above } from "@core/levels";

export type Place = { kind: "everyone" } | { kind: "groups" } | { kind: "group"; group: RightsGroup };

/** What is set at a place; a group's null: as all groups. */
export type Setting = LevelName | Levels | null;

export const keyOf = (place: Place): string => (place.kind === "group" ? place.group.id : place.kind);

export function settingOf(rights: Rights, place: Place): Setting {
  switch (place.kind) {
    case "everyone":
      return rights.everyone;
    case "groups":
      return rights.group_default;
    case "group":
      return place.group.levels;
  }
}

/** A place as the rights have it now; null: the group is gone. */
export function asItIs(rights: Rights, place: Place): Place | null {
  if (place.kind !== "group") return place;
  const group = rights.groups.find((each) => each.id === place.group.id);
  return group ? { kind: "group", group } : null;
}

/** What is set at a place by now; of a group that is gone, nothing of its own. */
export function settingAt(rights: Rights, place: Place): Setting {
  const now = asItIs(rights, place);
  return now && settingOf(rights, now);
}

export function changeOf(place: Place, setting: Setting): RightsInput {
  switch (place.kind) {
    case "everyone":
      return { everyone: setting as LevelName };
    case "groups":
      return { group_default: setting as Levels };
    case "group":
      return { groups: { [place.group.id]: setting as Levels | null } };
  }
}

/** A level of a group that gives nobody more than everybody has anyway. */
export const idle = (rights: Rights, level: LevelName): boolean => !above(level, rights.everyone);
