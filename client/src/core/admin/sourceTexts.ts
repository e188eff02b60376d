/** The settings of a kind of source or export in the reader's words. Pure. */
import type { Key, Translate } from "../i18n/translate";
import type { SchemaField } from "./schema";

type Has = (key: string) => key is Key;
export type Area = "source" | "export";

const KEYS: Record<Area, (rest: string) => string> = { source: (rest) => `source.${rest}`, export: (rest) => `export.${rest}` };

/** A setting with title and help in the reader's language: the kind's own words first, else those of all kinds, else the declaration's. */
export function inWords(kind: string, field: SchemaField, t: Translate, has: Has, area: Area = "source"): SchemaField {
  const known = [KEYS[area](`${kind}.${field.key}`), KEYS[area](`setting.${field.key}`)].find(has);
  if (known === undefined) return field;
  const help = `${known}.help`;
  return { ...field, title: t(known), description: has(help) ? t(help) : field.description };
}

/** What one of a setting's choices is called. */
export function choiceInWords(choice: string, t: Translate, has: Has, area: Area = "source"): string {
  const key = KEYS[area](`choice.${choice}`);
  return has(key) ? t(key) : choice;
}
