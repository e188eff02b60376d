import type { Hit } from "@core/api/types";
import { type Choices, readChoices, refreshed, remember, withChoice } from "@core/choices";
import { lastContacts } from "@core/journal";
import type { JournalEntry } from "@core/api/types";
import { describe, expect, it } from "vitest";
import { party } from "./fixtures";

const NUMBER = "+390432555014";
const BEN = { id: "ben", name: "Ben Rossi", company: "Rossi & C." };

describe("the choice among several contacts of a number", () => {
  const told = party(NUMBER, { name: "Anna Rossi", contact_id: "anna", alternatives: 1, reason: "exact" });

  it("stands in place of the best match", () => {
    expect(withChoice(told, { [NUMBER]: BEN })).toMatchObject({ contact_id: "ben", name: "Ben Rossi", company: "Rossi & C.", number: NUMBER });
    expect(withChoice(told, {})).toBe(told);
    expect(withChoice(told, { [NUMBER]: { ...BEN, id: "anna" } })).toBe(told);
  });

  it("says nothing once the number has one contact, or is a colleague's", () => {
    expect(withChoice({ ...told, alternatives: 0 }, { [NUMBER]: BEN }).name).toBe("Anna Rossi");
    expect(withChoice({ ...told, user_id: "u1" }, { [NUMBER]: BEN }).name).toBe("Anna Rossi");
  });

  it("is remembered by number, the oldest of many goes", () => {
    let choices: Choices = {};
    for (let index = 0; index < 205; index += 1) choices = remember(choices, `+39${index}`, BEN);
    expect(Object.keys(choices)).toHaveLength(200);
    expect(choices["+390"]).toBeUndefined();
    expect(remember(choices, "+39204", null)["+39204"]).toBeUndefined();
    expect(Object.keys(remember(choices, "+39204", { ...BEN, id: "x" }))).toHaveLength(200);
  });

  it("survives broken settings", () => {
    for (const broken of [null, undefined, [], 3, "x", { a: null }, { a: { name: "no id" } }]) expect(readChoices(broken)).toEqual({});
    expect(readChoices({ [NUMBER]: { id: "ben", name: 3 } })).toEqual({ [NUMBER]: { id: "ben", name: "", company: "" } });
  });

  it("follows the directory: new names are taken, lost contacts forgotten", () => {
    const hit = (id: string, title: string): Hit => ({ kind: "contact", id, title, subtitle: "Rossi & C.", numbers: [], reason: "number", score: 100, meant: "", origins: [] });
    expect(refreshed(BEN, [hit("ben", "Ben Rossi")])).toBe(BEN);
    expect(refreshed(BEN, [hit("ben", "Benedetto Rossi")])?.name).toBe("Benedetto Rossi");
    expect(refreshed(BEN, [hit("anna", "Anna Rossi")])).toBeNull();
  });
});

it("counts each earlier call once, by who talked, and not the call at hand", () => {
  const entry = (call_id: string, tracker: string, talk: number): JournalEntry => ({ call_id, tracker, talk }) as JournalEntry;
  const entries = [entry("now", "t0", 0), entry("leg", "t0", 0), entry("b", "t1", 0), entry("b", "t1", 40), entry("c", "", 7)];
  expect(lastContacts(entries, { call_id: "now", tracker: "t0" }).map((each) => [each.call_id, each.talk])).toEqual([["b", 40], ["c", 7]]);
  expect(lastContacts(entries, null)).toHaveLength(3);
});
