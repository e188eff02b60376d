import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import de from "@core/i18n/de";
import laterDe from "@core/i18n/de/later";
import firstEn from "@core/i18n/en";
import laterEn from "@core/i18n/en/later";
import { clock, formats } from "@core/i18n/format";
import firstIt from "@core/i18n/it";
import laterIt from "@core/i18n/it/later";
import { type Catalogue, type Message, pickLocale, translator } from "@core/i18n/translate";
import { describe, expect, it } from "vitest";

const en = { ...firstEn, ...laterEn };
const catalogues: Record<string, Record<string, Message>> = { en, it: { ...firstIt, ...laterIt }, de: { ...de, ...laterDe } };
const source = join(import.meta.dirname, "../src");

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

const forms = (message: Message): string[] => (typeof message === "string" ? [message] : [message.one, message.other]);
const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

describe.each(["it", "de"])("%s", (locale) => {
  const catalogue = catalogues[locale] as Record<string, Message>;

  it("has every key of English and no other", () => expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort()));

  it("has the same places to fill and the same plurals", () => {
    for (const [key, message] of Object.entries(en as Record<string, Message>)) {
      const other = catalogue[key] as Message;
      expect(typeof other, key).toBe(typeof message);
      expect(places(forms(other).at(-1) ?? ""), key).toEqual(places(forms(message).at(-1) ?? ""));
      for (const text of forms(other)) expect(text.trim(), key).not.toBe("");
    }
  });
});

it("has a text for every key that the code names, and no text without use", () => {
  const code = files(source).filter((path) => /\.tsx?$/.test(path) && !path.includes("/i18n/")).map((path) => readFileSync(path, "utf8")).join("\n");
  const named = [...code.matchAll(/\bt\("([\w.-]+)"/g)].map((match) => match[1] ?? "");
  expect(named.filter((key) => !(key in en))).toEqual([]);
  const prefixes = [...code.matchAll(/`([\w.]+)\.\$\{/g), ...code.matchAll(/word\("([\w.]+)"/g)].map((match) => `${match[1]}.`);
  const unused = Object.keys(en).filter((key) => !code.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)));
  expect(unused).toEqual([]);
});

describe("translator", () => {
  it("chooses plurals and writes numbers as the reader does", () => {
    const t = translator("de", { ...(de as Catalogue), ...laterDe });
    expect(t("source.contacts", { count: 1 })).toBe("1 Kontakt");
    expect(t("source.contacts", { count: 2000 })).toBe("2.000 Kontakte");
  });

  it.each([["en", "1 of 1 row", "1 of 2 rows"], ["it", "1 di 1 riga", "1 di 2 righe"], ["de", "1 von 1 Zeile", "1 von 2 Zeilen"]] as const)("counts by what the noun belongs to, in %s", (locale, one, two) => {
    const t = translator(locale, catalogues[locale] as Catalogue);
    expect([t("run.progress", { done: 1, total: 1 }), t("run.progress", { done: 1, total: 2 })]).toEqual([one, two]);
  });

  it("has a plural wherever a noun follows a number that may be one", () => {
    const bare = /\{(?:count|total|done|lines|contacts|removed)\} (?:of \w+ )?(?:rows|lines|contacts|entries|people|files|calls|numbers|books|workers)\b/;
    const wrong = Object.entries(en as Record<string, Message>).filter(([, message]) => typeof message === "string" && bare.test(message));
    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  it("finds the reader's language", () => {
    expect(pickLocale(null, ["fr", "de-AT", "en"])).toBe("de");
    expect(pickLocale("it", ["de"])).toBe("it");
    expect(pickLocale(null, ["fr"])).toBe("en");
  });
});

describe("formats", () => {
  const now = new Date(2026, 2, 4, 12).getTime();
  const daysAgo = (days: number) => new Date(2026, 2, 4 - days, 9, 30).getTime();

  it("names days as people do", () => {
    expect(formats("it").day(daysAgo(0), now)).toBe("Oggi");
    expect(formats("de").day(daysAgo(1), now)).toBe("Gestern");
    expect(formats("en").day(daysAgo(3), now)).toBe("Sunday");
    expect(formats("en").day(daysAgo(10), now)).toContain("22 February");
    expect(formats("en").moment(daysAgo(0), now)).toBe("09:30");
  });

  it("writes how long it took", () => {
    expect([12, 60, 240, 3600, 3900].map(formats("it").span)).toEqual(["12 s", "1 min", "4 min", "1 h", "1 h 5 min"]);
    expect([0, 187, 3729, -5].map(clock)).toEqual(["0:00", "3:07", "1:02:09", "0:00"]);
  });
});
