import { schemaFields } from "@core/admin/schema";
import { choiceInWords, inWords } from "@core/admin/sourceTexts";
import de from "@core/i18n/de";
import { type Catalogue, isKey, type Key, translator } from "@core/i18n/translate";
import { expect, it } from "vitest";

const t = translator("de", de as Catalogue);
const has = (key: string): key is Key => isKey(de as Catalogue, key);
const [url, odd] = schemaFields({ type: "object", properties: { url: { type: "string", description: "English" }, odd: { type: "string", description: "English" } } });

it("gives a setting the words of its kind, else those of all kinds, else its own", () => {
  expect(url && inWords("sql", url, t, has).title).toBe("Datenbank");
  expect(url && inWords("rest", url, t, has)).toMatchObject({ key: "url", title: "Adresse", description: "Beginnt mit https://." });
  expect(odd && inWords("rest", odd, t, has)).toBe(odd);
});

it("gives choices words where it has some", () => {
  expect(choiceInWords("bearer", t, has)).toBe("Token");
  expect(choiceInWords("utf-8", t, has)).toBe("utf-8");
});
