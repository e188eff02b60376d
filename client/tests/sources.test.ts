import { onTop } from "@core/diff";
import { type Counted, countAll, nextPersons, type PersonPage } from "@core/admin/duplicates";
import { addRule, byColumn, columnExpression, drafted, setColumn, twice, undrafted } from "@core/admin/mapping";
import { csvOf, seconds } from "@core/admin/runs";
import { planOf, textOf, withHow } from "@core/admin/schedule";
import { schemaFields } from "@core/admin/schema";
import { bodyOf as exported, draftOf as exportDraft } from "@core/admin/exportForm";
import { arranged, bodyOf, draftOf, USUAL } from "@core/admin/sourceForm";
import { choiceInWords, inWords } from "@core/admin/sourceTexts";
import type { ExportView, SourceView } from "@core/api/types";
import first from "@core/i18n/de";
import later from "@core/i18n/de/later";
import { type Catalogue, isKey, type Key, translator } from "@core/i18n/translate";
import { expect, it } from "vitest";

const de = { ...(first as Catalogue), ...later };
const t = translator("de", de);
const has = (key: string): key is Key => isKey(de, key);
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

const sources = { url: "https://x", file: "/srv/a.csv" };
const fieldsOf = (...keys: string[]) => schemaFields({ type: "object", properties: Object.fromEntries(keys.map((key) => [key, { type: "string" }])) });
const keys = (fields: readonly { key: string }[]) => fields.map((field) => field.key);

it("asks only for settings that mean something", () => {
  const rest = fieldsOf("url", "auth", "user", "secret", "token_url", "ca_file");
  expect(keys(arranged("rest", rest, { ...sources, auth: "bearer" }).usual)).toEqual(["url", "auth", "secret"]);
  expect(keys(arranged("rest", rest, { ...sources, auth: "oauth2" }).usual)).toEqual(["url", "auth", "user", "secret", "token_url"]);
  expect(keys(arranged("rest", rest, sources).rare)).toEqual(["ca_file"]);
  const csv = fieldsOf("file", "user", "password", "encoding");
  expect(arranged("csv", csv, sources)).toMatchObject({ usual: [], rare: [{ key: "encoding" }] });
  expect(keys(arranged("csv", csv, { file: "https://x/a.csv" }).usual)).toEqual(["user", "password"]);
});

it("knows schedules both ways", () => {
  for (const text of ["", "every 15 minutes", "0 3 * * *", "30 22 * * mon-fri", "5 7 * * sun", "0 3 1,15 * *"]) expect(textOf(planOf(text))).toBe(text);
  expect(planOf("every hour")).toEqual({ how: "every", count: 1, unit: "hours" });
  expect(planOf("0 3 * * 1-5")).toEqual({ how: "weekdays", time: "03:00" });
  expect(planOf("0 3 1 * *").how).toBe("table");
  expect(textOf(withHow(planOf("30 22 * * *"), "weekly"))).toBe("30 22 * * mon");
  for (const how of ["never", "every", "daily", "weekdays", "weekly", "table"] as const) expect(planOf(textOf(withHow({ how: "never" }, how))).how).toBe(how === "table" ? "daily" : how);
});

it("takes columns as they are, or apart", () => {
  expect(columnExpression("E-mail Address")).toBe("{E-mail Address}");
  expect(columnExpression('a | "b"')).toBe('{"a | \\"b\\""}');
  const rule = (field: string, value: string) => ({ field, value, kind: "" });
  let rules = drafted([rule("company", "{Firm}"), rule("business_country", "{Land}"), rule("country", "{Land}")]);
  const columns = ["Firm", "Land", "Tel"];
  expect(byColumn(rules, columns, new Set()).get("Land")?.field).toBe("business_country");
  expect(byColumn(rules, columns, new Set([1])).get("Land")?.field).toBe("country");
  rules = setColumn(rules, undefined, "Tel", "phone_business");
  rules = setColumn(rules, byColumn(rules, columns, new Set()).get("Firm"), "Firm", "");
  expect(undrafted(rules)).toEqual([rule("business_country", "{Land}"), rule("country", "{Land}"), rule("phone_business", "{Tel}")]);
  expect([...twice(addRule(addRule(rules, "phone_business", "{x}").rules, "country", "{y}").rules)]).toEqual(["country"]);
});

it("sends of a source what was changed in its form, on top of what others did", () => {
  const declared = fieldsOf("url", "secret");
  const stored: SourceView = {
    id: "1", name: "A", book: { id: "b", name: "B", contacts: 1 }, kind: "rest", enabled: true, settings: { url: "https://x", secret: "" }, mapping: [{ field: "company", value: "{Firm}", kind: "" }],
    location_id: "", link: "", schedule: "", options: USUAL, webhook: false, last: null, due: null, etag: "1",
  };
  const draft = draftOf(stored, "rest", declared);
  const mapped = { ...draft, rules: addRule(draft.rules, "phone_business", "{Tel}").rules };
  const saved = (by: Partial<SourceView>) => onTop(bodyOf(draft), bodyOf(mapped), bodyOf(draftOf({ ...stored, ...by }, "rest", declared)));
  const { id: _id, book: _book, webhook: _hook, last: _last, due: _due, etag: _etag, ...body } = stored;
  expect(bodyOf(draft)).toEqual(body);
  expect(saved({ schedule: "every 3 days", webhook: true })).toEqual({ ...body, schedule: "every 3 days", mapping: [...stored.mapping, { field: "phone_business", value: "{Tel}", kind: "" }] });
  expect(() => saved({ mapping: [] })).toThrow("changed-meanwhile");
});

it("sends of an export what was changed in its form, on top of what others did", () => {
  const stored: ExportView = {
    id: "1", name: "A", kind: "csv", enabled: true, settings: {}, books: null, gone: [], columns: [], conditions: [], number_format: "readable", location_id: "", file: "", schedule: "",
    options: { most_removed: 20, most_seconds: 60 }, size: null, last: null, due: null, etag: "1",
  };
  const draft = exportDraft(stored, "csv", []);
  const empty = { ...draft, columns: [{ name: "", value: "" }], conditions: [" "] };
  const there = exported(exportDraft({ ...stored, name: "B", conditions: ["email = ''"] }, "csv", []));
  expect(onTop(exported(draft), exported(empty), there)).toEqual(there);
  expect(() => onTop(exported(draft), exported({ ...draft, name: "C" }), there)).toThrow("changed-meanwhile");
});

it("says how long a run took and writes what was wrong", () => {
  expect(seconds({ started: "2026-03-04T10:00:00Z", ended: "2026-03-04T10:01:05Z" }, 0)).toBe(65);
  expect(csvOf(["Line", "Why"], [[3, 'a "b"; c']])).toBe('"Line";"Why"\r\n3;"a ""b""; c"');
});

it("counts what the rules for duplicates do slice by slice, to the end", async () => {
  const slices: Record<string, { rules: { rule: "email"; pairs: number }[]; looked_at: number; next: string | null }> = {
    "": { rules: [{ rule: "email", pairs: 2 }], looked_at: 30_000, next: "0.30000" },
    "0.30000": { rules: [{ rule: "email", pairs: 3 }], looked_at: 5, next: null },
  };
  const told: Counted[] = [];
  await countAll((after) => Promise.resolve(slices[after]!), (counted) => told.push(counted));
  expect(told).toEqual([
    { pairs: { email: 2 }, lookedAt: 30_000, whole: false },
    { pairs: { email: 5 }, lookedAt: 30_005, whole: true },
  ]);
});

it("looks on until a page has somebody, and tells of none that nobody waits for any more", async () => {
  const anna = { entries: [] };
  const page = (items: (typeof anna)[], next: string | null) => ({ items, next });
  const pages: Record<string, PersonPage> = { a: page([], "b"), b: page([anna], "c"), c: page([], null) };
  const told: PersonPage[] = [];
  await nextPersons((after) => Promise.resolve(pages[after]!), "a", (found) => told.push(found), new AbortController().signal);
  expect(told).toEqual([pages.a, pages.b]);
  const abort = new AbortController();
  const late = (after: string) => {
    abort.abort();
    return Promise.resolve(pages[after]!);
  };
  await nextPersons(late, "a", (found) => told.push(found), abort.signal);
  expect(told).toHaveLength(2);
  let asked = 0;
  await nextPersons(() => Promise.resolve(page([], String(++asked))), "a", () => undefined, new AbortController().signal);
  expect(asked).toBe(10);
});
