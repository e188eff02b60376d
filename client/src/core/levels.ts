/** The levels that one person has over another, lowest first. Each has everything of the lower ones. */
import type { LevelName } from "./api/types";

export const LEVELS: readonly LevelName[] = ["blocked", "public", "business", "team", "personal"];

/** Whether the first level gives more than the second. */
export const above = (level: LevelName, other: LevelName): boolean => LEVELS.indexOf(level) > LEVELS.indexOf(other);
