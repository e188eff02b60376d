import { Overtaking } from "@core/overtaking";
import { difference, listDifference, onTop, rebased, same } from "@core/diff";
import { placeOf } from "@core/admin/place";
import { initialValues, schemaFields } from "@core/admin/schema";
import { withQuery } from "@core/api/http";
import { asProblem, Problem } from "@core/api/problem";
import { shownName } from "@core/contactName";
import type { Hit, JournalEntry } from "@core/api/types";
import { addGroup, place, removeGroup, sections, shift } from "@core/favourites";
import { initialsOf } from "@core/initials";
import { matches, merge, outcomeWord, toggleFilter, toRows } from "@core/journal";
import { parsePath, pathOf } from "@core/router";
import { findPeople, fold, matchScore, numbersOf, seenIn, unseenReason } from "@core/search/find";
import { DEFAULTS, readSettings, writeSettings } from "@core/settings";
import { describe, expect, it } from "vitest";
import { party, person } from "./fixtures";

function hit(reason: Hit["reason"], more: Partial<Hit> = {}): Hit {
  const number = (kind: Hit["numbers"][number]["kind"], canonical: string) => ({ kind, canonical, display: canonical });
  const numbers = [number("business", "+441632960120"), number("company-main", "+441632960120"), number("mobile", "+447700900123")];
  return { kind: "contact", id: "1", title: "Emma Hargreaves", subtitle: "Harrison Ltd", numbers, reason, score: 50, meant: "", origins: [], ...more };
}

function entry(id: string, started: string, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    id, call_id: id, tracker: id, line_id: "l1", line_number: "101", user_id: "anna", direction: "inbound", internal: false, remote: party("+39"), called: null,
    redirecting: null, transferred_to: null, queue: "", started, rang: null, answered: null, ended: null, duration: 0, talk: 0, outcome: "missed", open: false, done_by: null, done_at: null, done_how: null,
    answered_by: null, subject: "", note: "", private: false, project: "", mine: true, consultation: false, ...more,
  };
}

describe("a contact written by hand", () => {
  const before = { display_name: "Dr Rossi, mornings only", first_name: "Anna", last_name: "Rossi", company: "Alpha" };
  it("keeps the name it was given when something else is changed", () => {
    expect(shownName({ first_name: "Anna", last_name: "Rossi", company: "Beta" }, before)).toBe("Dr Rossi, mornings only");
  });
  it("takes a new name from what was typed", () => {
    expect(shownName({ first_name: "Anna", last_name: "Verdi", company: "Alpha" }, before)).toBe("Anna Verdi");
    expect(shownName({ first_name: "", last_name: "", company: "Alpha" })).toBe("Alpha");
  });
});

describe("journal", () => {
  it("joins what the stream says to the loaded pages", () => {
    const loaded = [entry("b", "2026-03-02T10:00:00Z"), entry("a", "2026-03-02T09:00:00Z")];
    const live = [entry("c", "2026-03-02T11:00:00Z"), entry("a", "2026-03-02T09:00:00Z", { note: "new" }), entry("old", "2026-03-01T09:00:00Z")];
    const merged = merge(loaded, live, () => true);
    expect(merged.map((each) => each.id)).toEqual(["c", "b", "a"]);
    expect(merged[2]?.note).toBe("new");
    expect(merge(loaded, live, () => false).map((each) => each.id)).toEqual(["b", "a"]);
    expect(merge(loaded, live, (each) => each.note === "").map((each) => each.id)).toEqual(["c", "b"]);
  });

  it("folds the legs of one tracker under the most telling one and separates days", () => {
    const rows = toRows([
      entry("c", "2026-03-03T12:00:00Z", { tracker: "t" }),
      entry("b", "2026-03-03T11:59:00Z", { tracker: "t", answered: "2026-03-03T11:59:05Z", talk: 60 }),
      entry("a", "2026-03-01T12:00:00Z"),
    ]);
    expect(rows.map((row) => row.kind)).toEqual(["day", "entry", "day", "entry"]);
    expect(rows[1]).toMatchObject({ id: "b", legs: [{ id: "c" }] });
  });

  it("names the customer where a colleague was asked on the side, however long that took", () => {
    const answered = "2026-03-03T12:00:05Z";
    const rows = toRows([
      entry("asked", "2026-03-03T12:01:00Z", { tracker: "t", direction: "outbound", internal: true, consultation: true, answered, talk: 90 }),
      entry("customer", "2026-03-03T12:00:00Z", { tracker: "t", answered, talk: 40 }),
      entry("theirs", "2026-03-03T12:02:00Z", { tracker: "t", answered, talk: 900, mine: false }),
    ]);
    expect(rows[1]).toMatchObject({ id: "customer", legs: [{ id: "theirs" }, { id: "asked" }] });
  });

  it("says that a call rings or is being dialled until somebody answers", () => {
    const running = { outcome: "running", answered: null } as const;
    expect(outcomeWord({ ...running, direction: "inbound" })).toBe("ringing");
    expect(outcomeWord({ ...running, direction: "outbound" })).toBe("calling");
    expect(outcomeWord({ outcome: "running", answered: "2026-03-03T12:00:05Z", direction: "inbound" })).toBe("running");
    expect(outcomeWord({ outcome: "missed", answered: null, direction: "inbound" })).toBe("missed");
  });

  it("lets opposite filters exclude each other and matches without accents", () => {
    expect(toggleFilter(["in", "note"], "out")).toEqual(["note", "out"]);
    expect(toggleFilter(["in"], "in")).toEqual([]);
    const one = entry("a", "", { remote: party("+39", { name: "Niccolò Bürger" }) });
    expect(matches(one, ["missed", "external"], "mine", "nicco burg")).toBe(true);
    expect(matches(one, ["internal"], "mine", "")).toBe(false);
    expect(matches({ ...one, mine: false }, [], "mine", "")).toBe(false);
  });
});

describe("favourites", () => {
  const now = { favourites: ["a", "b", "c", "d"], groups: [{ name: "Munich", ids: ["c", "d"] }] };
  it("shows loose ones first, then groups, without people who are gone", () => {
    expect(sections(now, (id) => id !== "d")).toEqual([{ name: "", ids: ["a", "b"] }, { name: "Munich", ids: ["c"] }]);
  });
  it("moves within and between groups", () => {
    expect(shift(now, "b", -1).favourites.slice(0, 2)).toEqual(["b", "a"]);
    expect(shift(now, "c", 1).groups[0]?.ids).toEqual(["d", "c"]);
    expect(shift(now, "a", -1)).toBe(now);
    expect(place(now, "a", "Munich", "d").groups[0]?.ids).toEqual(["c", "a", "d"]);
    expect(place(now, "x", "", null).favourites.at(-1)).toBe("x");
    expect(removeGroup(addGroup(now, " Udine "), "Munich").groups).toEqual([{ name: "Udine", ids: [] }]);
    expect(addGroup(now, "Munich")).toBe(now);
  });
});

describe("search", () => {
  it("folds accents and wants every word to begin something", () => {
    expect(fold("Müßig Đorđe Ærø")).toBe("mussig dorde aero");
    expect(matchScore("ro ma", "Mario Rossi")).toBeGreaterThan(0);
    expect(matchScore("rx", "Mario Rossi")).toBe(0);
    const people = [person("1", "Mario Rossi", { number: "101" }), person("2", "Rosa Neri", { number: "210" })];
    expect(findPeople(people, "ro").map((each) => each.id)).toEqual(["2", "1"]);
    expect(findPeople(people, "21").map((each) => each.id)).toEqual(["2"]);
  });
  it("says why something was found where what is shown does not tell", () => {
    expect(unseenReason(hit("email"), "hargreaves.exa")).toBe("search.byEmail");
    expect(unseenReason(hit("other"), "emma fict")).toBe("search.byOther");
    expect(unseenReason(hit("other"), "10002")).toBe("search.byOther");
    expect(unseenReason(hit("other", { subtitle: "Fictown" }), "Fict emma (0)7700")).toBeNull();
    expect(unseenReason(hit("other", { subtitle: "Fictown", meant: "fictown" }), "fitcown")).toBeNull();
    expect(unseenReason(hit("email", { title: "Info Sharing" }), "haring")).toBe("search.byEmail");
    for (const reason of ["name", "company", "number"] as const) expect(unseenReason(hit(reason), "xyz")).toBeNull();
    expect(unseenReason(hit("email"), "")).toBeNull();
  });
  it("knows who still fits when more is typed, so that Enter calls nobody else", () => {
    for (const query of ["emma harg", "harr emma", "emma 07700", ""]) expect(seenIn(hit("name"), query)).toBe(true);
    for (const query of ["emma hargz", "arrison", "emma 09999"]) expect(seenIn(hit("name"), query)).toBe(false);
  });
  it("shows first the number that was typed", () => {
    const shown = (reason: Hit["reason"], query: string) => numbersOf(hit(reason), query).map((number) => number.canonical.slice(-4));
    expect(shown("number", "07700 900")).toEqual(["0123", "0120"]);
    expect(shown("number", "+44 1632")).toEqual(["0120", "0123"]);
    expect(shown("number", "999")).toEqual(["0120", "0123"]);
    expect(shown("name", "emma 7700")).toEqual(["0123", "0120"]);
    expect(shown("name", "emma 77")).toEqual(["0120", "0123"]);
    expect(shown("name", "")).toEqual(["0120", "0123"]);
  });
});

describe("differences", () => {
  it("keep what was changed by hand when what is stored changes", () => {
    expect(rebased({ name: "A", rules: [1] }, { name: "B", rules: [1] }, { name: "A", rules: [1, 2] })).toEqual({ name: "B", rules: [1, 2] });
  });
  it("puts nothing over what somebody else has changed meanwhile", () => {
    const [seen, mine] = [{ name: "A", books: ["own", "pay"] }, { name: "B", books: ["own", "pay"] }];
    expect(onTop(seen, mine, { name: "A", books: ["own"] })).toEqual({ name: "B", books: ["own"] });
    expect(onTop(seen, mine, { name: "B", books: ["own"] })).toEqual({ name: "B", books: ["own"] });
    expect(() => onTop(seen, mine, { name: "C", books: ["own"] })).toThrow("changed-meanwhile");
    expect(() => onTop(seen, mine, undefined)).toThrow("removed-meanwhile");
  });
  it("names what changed and nothing else", () => {
    expect(difference({ name: "A", lines: ["1"], note: "" }, { name: "A", lines: ["1", "2"], note: null })).toEqual([{ key: "lines", before: ["1"], after: ["1", "2"] }]);
    expect(listDifference(["1", "2"], ["2", "3"])).toEqual({ added: ["3"], removed: ["1"] });
    expect(same({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
    expect(same([], {})).toBe(false);
  });
});

describe("schemaFields", () => {
  const schema = {
    $ref: "#/$defs/S",
    $defs: {
      Mode: { title: "Mode", enum: ["fast", "slow"] },
      S: {
        type: "object", required: ["host"],
        properties: {
          host: { type: "string", description: "Where." }, port: { type: "integer", default: 1040, minimum: 1, maximum: 65535 },
          secret: { type: "string", format: "password", writeOnly: true }, tls: { type: "boolean", default: false },
          mode: { anyOf: [{ type: "null" }, { $ref: "#/$defs/Mode" }], default: null }, devices: { type: "array", items: { type: "string" } },
        },
      },
    },
  };
  it("reads references, defaults, secrets, choices and lists", () => {
    const fields = schemaFields(schema as never);
    expect(fields.map(({ key, kind, required }) => [key, kind, required])).toEqual([
      ["host", "text", true], ["port", "integer", false], ["secret", "password", false], ["tls", "switch", false], ["mode", "choice", false], ["devices", "list", false],
    ]);
    expect(fields[4]?.choices).toEqual(["fast", "slow"]);
    expect(initialValues(fields, { host: "pbx" })).toEqual({ host: "pbx", port: 1040, tls: false });
  });
});

it("reads settings and falls back where they are broken", () => {
  expect(readSettings(undefined)).toEqual(DEFAULTS);
  expect(readSettings({ volume: 7, theme: "pink", favourite_groups: [{ name: "A", ids: ["x", 3] }, 5] })).toEqual({ ...DEFAULTS, favouriteGroups: [{ name: "A", ids: ["x"] }] });
  expect(writeSettings({ twoMinutes: false, theme: "dark" })).toEqual({ two_minutes: false, theme: "dark" });
});

it("turns addresses into routes and back", () => {
  for (const path of ["/", "/journal", "/contacts", "/contacts/a%2Fb", "/settings", "/admin", "/admin/lines"]) expect(pathOf(parsePath(path))).toBe(path);
  expect(parsePath("/admin/nothing").page).toBe("unknown");
  expect(parsePath("/contacts/%E0%A4%A").page).toBe("contacts");
});

it("reads problems whatever came", () => {
  expect(Problem.from(409, { code: "not-now", detail: "d", culprit: "peer", retry: "later" })).toMatchObject({ code: "not-now", culprit: "peer" });
  expect(Problem.from(502, null)).toMatchObject({ code: "http-502", culprit: "us", retry: "later" });
  expect(asProblem(new Error("x")).code).toBe("unexpected");
  expect(withQuery("/a", { q: "ü&", empty: "", none: null, zero: 0 })).toBe("/a?q=%C3%BC%26&zero=0");
});

it("says which of a list is wrong, counted as people count", () => {
  expect(placeOf("in_rules[0].search")).toEqual({ field: "in_rules", at: 1 });
  expect(placeOf("ranges[11]")).toEqual({ field: "ranges", at: 12 });
  expect(placeOf("country")).toEqual({ field: "country", at: null });
});

it("gives everybody the same initials, wherever their name stands", () => {
  const names = ["Nicolò Del Fabbro", "Ilaria D'Agostini", "Ilaria D’Agostini", "Karl von Weber", "Anna Maria Rossi", "Fornaci & Söhne", "élodie", "Zu Klampen", "+39 0432", "", "Marchetti Vini S.r.l.", "Rossi S.p.A.", "Harrison Ceramics Ltd", "Lindner GmbH & Co. KG"];
  expect(names.map(initialsOf)).toEqual(["ND", "ID", "ID", "KW", "AR", "FS", "É", "ZK", "30", "", "MV", "R", "HC", "L"]);
});

it("takes no answer that a later one has overtaken", () => {
  const order = new Overtaking();
  const [first, second, third] = [order.ask(), order.ask(), order.ask()];
  expect(order.takes(second)).toBe(true);
  expect(order.takes(first)).toBe(false);
  expect(order.takes(second)).toBe(true);
  expect(order.takes(third)).toBe(true);
});
