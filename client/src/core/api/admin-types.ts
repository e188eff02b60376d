/** Shapes of the administration (docs/developers/api.md). */
import type { Id, Instant, Link, Locale } from "./types";

export interface AdminPerson {
  id: Id;
  login: string;
  name: string;
  given_name: string;
  family_name: string;
  mail: string;
  title: string;
  department: string;
  mobile: string;
  location_id: Id;
  locale: Locale;
  admin: boolean;
  active: boolean;
  group_ids: Id[];
  line_ids: Id[];
  password?: string;
}

export interface AdminGroup {
  id: Id;
  name: string;
  member_ids: Id[];
  leader_ids: Id[];
}

export interface AdminLine {
  id: Id;
  connector: Id;
  device: string;
  number: string;
  name: string;
  location_id: Id;
  kind: "extension" | "trunk" | "queue" | "group";
  journal: boolean;
  private: boolean;
  user_ids: Id[];
}

/** A location is shown as the number engine has it; what this client does not know it hands back untouched. */
export type AdminLocation = { id: Id; name: string } & Record<string, unknown>;

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

export interface AdminConnector {
  id: Id;
  name: string;
  kind: string;
  enabled: boolean;
  location_id: Id;
  settings: Record<string, unknown>;
  link: Link | null;
}

export interface ConnectorKind {
  key: string;
  name: string;
  description: string;
  versions: string[];
  capabilities: string[];
  settings: JsonSchema;
}

export interface ConnectorTest {
  ok: boolean;
  peer: string;
  version: string;
  lines: number;
  steps: { name: string; ok: boolean | null; message: string; remedy: string }[];
}

/** One frame of a link, as text. */
export interface TraceFrame {
  at: Instant;
  sent: boolean;
  text: string;
  note: string;
}

export interface Stage {
  name: string;
  before: string;
  after: string;
  rule: string | null;
  hit: boolean;
  note: string;
}

export interface Explanation {
  input: string;
  result: string;
  canonical: string;
  kind: string;
  dialled: string;
  formats: Record<string, string>;
  problem: string | null;
  stages: Stage[];
}

export interface Status {
  version: string;
  started: Instant;
  checks: { id: string; level: "ok" | "warning" | "error"; title: string; message: string; remedy: string }[];
  counts: Record<string, number>;
}

export interface BadRow {
  line: number;
  reason: string;
}

export interface ImportPreview {
  columns: string[];
  mapping: Record<string, string>;
  rows: string[][];
  encoding: string;
  delimiter: string;
  problems: BadRow[];
  fields: { key: string; title: string }[];
}

export interface Job {
  id: Id;
  state: "running" | "done" | "failed";
  done: number;
  total: number;
  imported: number;
  /** The first thousand; `bad_rows` counts all. */
  bad: BadRow[];
  bad_rows: number;
  message: string;
}
