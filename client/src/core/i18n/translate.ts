/** Texts by key; plural forms are chosen by `Intl.PluralRules`. */
import type { Locale } from "../api/types";
import type { Key, Loaded, Message, Plural } from "./catalogue";

export type { Catalogue, Key, LaterCatalogue, Loaded, Message, Plural } from "./catalogue";
export type Parameters = Record<string, string | number>;
export type Translate = (key: Key, parameters?: Parameters) => string;

export const LOCALES: readonly { locale: Locale; name: string }[] = [
  { locale: "it", name: "Italiano" },
  { locale: "en", name: "English" },
  { locale: "de", name: "Deutsch" },
];

/** The reader's language: what was chosen, else what the browser asks for, else English. */
export function pickLocale(chosen: string | null | undefined, wanted: readonly string[]): Locale {
  const known = (text: string): Locale | null => LOCALES.find(({ locale }) => text.toLowerCase().startsWith(locale))?.locale ?? null;
  for (const text of [chosen ?? "", ...wanted]) {
    const locale = text ? known(text) : null;
    if (locale) return locale;
  }
  return "en";
}

export function translator(locale: Locale, catalogue: Loaded): Translate {
  const rules = new Intl.PluralRules(locale);
  const integers = new Intl.NumberFormat(locale);
  return (key, parameters = {}) => {
    const message: Message | undefined = catalogue[key];
    if (message === undefined) return key;
    const text = typeof message === "string" ? message : pluralForm(message, rules, parameters[message.by ?? "count"]);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = parameters[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? integers.format(value) : value;
    });
  };
}

function pluralForm(message: Plural, rules: Intl.PluralRules, count: unknown): string {
  return rules.select(Number(count ?? 0)) === "one" ? message.one : message.other;
}

/** Whether a key built from a value of the server (an outcome, an error code) is known. */
export function isKey(catalogue: Loaded, key: string): key is Key {
  return Object.hasOwn(catalogue, key);
}
