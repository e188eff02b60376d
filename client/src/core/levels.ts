/** The levels that one person has over another, lowest first. Each has everything of the lower ones. */
import type { LevelName, Scope } from "./api/types";

export const LEVELS: readonly LevelName[] = ["blocked", "public", "business", "team", "personal"];

const OWN_SCOPES: readonly Scope[] = ["all", "read", "calls"];
const ADMIN_SCOPES: readonly Scope[] = ["export", "admin"];

/** What a token of one's own may be for: nobody is offered what they do not have themselves. */
export const scopesOf = (admin: boolean): readonly Scope[] => (admin ? [...OWN_SCOPES, ...ADMIN_SCOPES] : OWN_SCOPES);

/** Whether the first level gives more than the second. */
export const above = (level: LevelName, other: LevelName): boolean => LEVELS.indexOf(level) > LEVELS.indexOf(other);
