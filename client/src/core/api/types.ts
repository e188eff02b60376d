/** The server's shapes (generated), names for parts of them, and what they leave open. */
import type { AdminPerson as StoredPerson, DuplicatesView, Grant, LdapUserInput, LineCall, MeInput } from "./generated";

export type * from "./generated";

export type Id = string;
export type Locale = Exclude<NonNullable<MeInput["locale"]>, "">;
export type LevelName = Grant["granted_to_me"];
export type DuplicateRule = DuplicatesView["rules"][number]["rule"];
export type CallState = LineCall["state"];

/** A password is written only, never read. */
export type AdminPerson = StoredPerson & { password?: string };

/** A user of the LDAP door; the password is written only. */
export type LdapUser = Required<LdapUserInput>;

/** A location is shown as the number engine has it; what this client does not know it hands back untouched. */
export type AdminLocation = { id: Id; name: string; etag: string } & Record<string, unknown>;

/** What connectors declare their settings with. */
export interface JsonSchema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  anyOf?: JsonSchema[];
  writeOnly?: boolean;
}
