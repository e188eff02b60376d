/** What the kinds of export look like, and an export while it is edited. Pure. */
import type { ExportInput, ExportView } from "../api/types";
import type { IconName } from "../icons";
import { initialValues, type SchemaField } from "./schema";

/** In the order in which they are offered. */
export const KINDS: Readonly<Record<string, IconName>> = { csv: "sheet", vcard: "card", xml: "code", json: "code", ldif: "tree", "active-directory": "users" };

/** All of an export, with settings that are its kind's to check. */
export type ExportDraft = Required<Omit<ExportInput, "id" | "gone" | "size" | "last" | "due" | "etag">>;

export function draftOf(of: ExportView | null, kind: string, declared: readonly SchemaField[]): ExportDraft {
  const settings = initialValues(declared, of?.settings ?? {});
  if (!of) {
    return {
      name: "", kind, settings, books: null, columns: [], conditions: [], number_format: "readable", location_id: "", enabled: true, file: "", schedule: "",
      options: { most_removed: 20, most_seconds: 3600 },
    };
  }
  const { name, books, columns, conditions, number_format, location_id, enabled, file, schedule, options } = of;
  return { name, kind, settings, books, columns, conditions, number_format, location_id, enabled, file, schedule, options };
}

/** What is sent of it: without columns and conditions that are not filled in yet. */
export const bodyOf = (draft: ExportDraft): ExportDraft => ({
  ...draft, name: draft.name.trim(), conditions: draft.conditions.filter((line) => line.trim()),
  columns: draft.columns.filter(({ name, value }) => name.trim() !== "" && value.trim() !== ""),
});
