/** A source while it is edited: which settings of its kind are asked at once, which are left for those who need them, and which mean nothing now. Pure. */
import { drafted, type DraftRule, undrafted } from "./mapping";
import { initialValues, type SchemaField } from "./schema";
import type { Options, SourceView } from "../api/types";
import type { IconName } from "../icons";

/** How a source runs unless somebody says otherwise. */
export const USUAL: Options = { most_removed: 20, most_rows: 2_000_000, most_seconds: 3600, full_after_days: 7, before: { program: [], url: "" }, after: { program: [], url: "" } };

export interface SourceDraft {
  name: string;
  kind: string;
  settings: Record<string, unknown>;
  rules: readonly DraftRule[];
  book: string;
  enabled: boolean;
  location_id: string;
  link: string;
  schedule: string;
  options: Options;
}

/** A file that was handed over before its source has a page. */
export interface Handed {
  kind: string;
  file: string;
  name: string;
}

export function draftOf(source: SourceView | null, kind: string, declared: readonly SchemaField[], handed: Handed | null = null): SourceDraft {
  const settings = initialValues(declared, source?.settings ?? {});
  if (!source) {
    return {
      name: handed?.name.replace(/\.[^.]*$/, "") ?? "", kind, settings: { ...settings, ...(handed ? { file: handed.file } : {}) }, rules: [], book: "",
      enabled: true, location_id: "", link: "", schedule: "", options: USUAL,
    };
  }
  const { name, enabled, location_id, link, schedule, options } = source;
  return { name, kind, settings, rules: drafted(source.mapping), book: source.book.name, enabled, location_id, link, schedule, options };
}

/** What is sent of it whenever it is saved; its book is chosen once. */
export const bodyOf = ({ rules, book: _once, ...draft }: SourceDraft) => ({ ...draft, name: draft.name.trim(), mapping: undrafted(rules) });

export const FILES = ".csv,.tsv,.tab,.txt,.xlsx,.xlsm,.json,.jsonl,.ndjson,.xml,.vcf,.vcard,.ldif,.ldf";

type Values = Readonly<Record<string, unknown>>;

/** Settings that are right as they are for nearly everybody. */
const RARE = new Set([
  "delimiter", "encoding", "header", "form", "classes", "sheet", "seconds", "ca_file", "plain", "authority", "service", "scope", "attributes", "port",
  "size_parameter", "size", "first", "parameter", "headers", "changes", "impersonate",
]);
/** By kind: a setting that only counts where another has one of these values. */
const ONLY: Record<string, Record<string, readonly [string, readonly string[]]>> = {
  rest: {
    user: ["auth", ["basic", "oauth2"]], secret: ["auth", ["basic", "bearer", "header", "oauth2"]], header: ["auth", ["header"]], token_url: ["auth", ["oauth2"]],
    scope: ["auth", ["oauth2"]], next: ["paging", ["next", "cursor"]], parameter: ["paging", ["page", "offset", "cursor"]], first: ["paging", ["page"]],
    size_parameter: ["paging", ["page", "offset", "cursor"]], size: ["paging", ["page", "offset", "cursor"]],
  },
  exchange: { tenant: ["auth", ["oauth"]], authority: ["auth", ["oauth"]] },
  google: {
    key: ["auth", ["service-account"]], subject: ["auth", ["service-account"]], client_id: ["auth", ["refresh-token"]], secret: ["auth", ["refresh-token"]],
    refresh_token: ["auth", ["refresh-token"]],
  },
  "microsoft-graph": { mailboxes: ["what", ["contacts"]], skip_disabled: ["what", ["users"]] },
};

export const readsFile = (fields: readonly SchemaField[]): boolean => fields.some((field) => field.key === "file");
const isAddress = (value: unknown): boolean => typeof value === "string" && value.includes("://");

/** The settings that mean something with these values, the usual ones and the rare ones apart. `file` has a place of its own. */
export function arranged(kind: string, fields: readonly SchemaField[], values: Values): { usual: SchemaField[]; rare: SchemaField[] } {
  const only = kind in ONLY ? ONLY[kind] : undefined;
  const counts = ({ key }: SchemaField): boolean => {
    if (key === "file") return false;
    if (readsFile(fields) && (key === "user" || key === "password")) return isAddress(values.file);
    const [other, wanted] = only?.[key] ?? ["", []];
    return other === "" || wanted.includes(String(values[other]));
  };
  const rare = (field: SchemaField): boolean => RARE.has(field.key) && !field.required && !(kind === "rest" && field.key === "scope") && !(kind === "rest" && field.key === "header");
  const shown = fields.filter(counts);
  return { usual: shown.filter((field) => !rare(field)), rare: shown.filter(rare) };
}

/** What the kinds look like, in the order in which they are offered. */
export const KINDS: Readonly<Record<string, IconName>> = {
  csv: "file", xlsx: "sheet", vcard: "card", json: "code", xml: "code", ldif: "tree", sql: "database", odbc: "database", "active-directory": "users", ldap: "tree",
  "microsoft-graph": "cloud", exchange: "mail", google: "cloud", carddav: "card", rest: "globe", unisono: "swap",
};
