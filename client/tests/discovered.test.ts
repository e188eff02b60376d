import { fresh, keyOf, matching, wanted } from "@core/admin/discovered";
import type { DiscoveredLine } from "@core/api/types";
import { expect, it } from "vitest";

const device = (number: string, more: Partial<DiscoveredLine> = {}): DiscoveredLine => ({ connector: "pbx", device: `SIP/${number}`, number, name: "", line_id: "", user_id: "", reason: null, ...more });
const lines = [device("1000", { name: "Lobby" }), device("99", { user_id: "anna", reason: "name" }), device("100", { line_id: "there" })];

it("offers what is no line yet, as people count", () => expect(fresh(lines).map((line) => line.number)).toEqual(["99", "1000"]));

it("finds by number, device, name and the proposed person", () => {
  const found = (query: string) => matching(fresh(lines), query, (id) => (id === "anna" ? "Anna Rossi" : "")).map((line) => line.number);
  expect(found("rossi")).toEqual(["99"]);
  expect(found("lobby")).toEqual(["1000"]);
  expect(found(" ")).toEqual(["99", "1000"]);
});

it("gives a line to whom was chosen, else to whom was proposed, else to nobody", () => {
  const chosen = new Set(fresh(lines).map(keyOf));
  const users = (people: [string, string][]) => wanted(lines, chosen, new Map(people)).map((line) => [line.number, line.user_ids]);
  expect(users([])).toEqual([["1000", []], ["99", ["anna"]]]);
  expect(users([[keyOf(device("99")), ""], [keyOf(device("1000")), "ben"]])).toEqual([["1000", ["ben"]], ["99", []]]);
});
