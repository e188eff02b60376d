import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AFTER_CALL_MS, journalIdOf, keepFinished } from "@core/replica/aftercall";
import { EMPTY_REPLICA, type Fact, type ServerMessage, type State } from "@core/replica/model";
import { applyFacts, parseMessage, reduce } from "@core/replica/reduce";
import { activeCall, callsOfPerson, colleagues, heldPartner, ownCalls, ringingAt, ringingCalls } from "@core/replica/selectors";
import { describe, expect, it } from "vitest";
import { call, line, NOON, person, state } from "./fixtures";

describe("reduce", () => {
  it("takes a snapshot, then facts, and ignores those it knows", () => {
    const first = reduce(EMPTY_REPLICA, { type: "snapshot", epoch: "e", seq: 4, state: { counts: { journal: { missed_open: 1 } } } });
    const facts: ServerMessage = { type: "facts", seq: 6, facts: [{ collection: "counts", id: "journal", value: { missed_open: 2 } }] };
    const second = reduce(first, facts);
    expect(second.seq).toBe(6);
    expect(second.state.counts.journal).toEqual({ missed_open: 2 });
    expect(reduce(second, facts)).toBe(second);
  });

  it("sets and removes entries and leaves other collections as they are", () => {
    const before = state([call("a")]);
    const after = applyFacts(before, [
      { collection: "calls", id: "b:l1", value: call("b") },
      { collection: "calls", id: "a:l1", value: null },
    ]);
    expect(Object.keys(after.calls)).toEqual(["b:l1"]);
    expect(after.lines).toBe(before.lines);
    expect(Object.keys(before.calls)).toEqual(["a:l1"]);
  });

  it("keeps collections that a newer server has and this client does not know", () => {
    const after = applyFacts(state(), [{ collection: "chats", id: "1", value: { text: "hi" } }]);
    expect((after as unknown as Record<string, unknown>).chats).toEqual({ 1: { text: "hi" } });
  });

  it("equals a fresh snapshot in every case the server's tests know", () => {
    const path = join(import.meta.dirname, "../../tests/sync/cases.json");
    const text = JSON.parse(readFileSync(path, "utf8")) as unknown;
    const cases = (Array.isArray(text) ? text : (text as { cases: unknown[] }).cases) as {
      name: string; before?: Record<string, Record<string, unknown>>; facts: Fact[]; after: Record<string, Record<string, unknown>>;
    }[];
    expect(cases.length).toBeGreaterThan(10);
    expect(cases.every((each) => each.facts.length > 0)).toBe(true);
    const full = (value: Record<string, Record<string, unknown>>) => Object.fromEntries(Object.entries(value).filter(([, entries]) => Object.keys(entries).length > 0));
    for (const { name, before, facts, after } of cases) {
      const started = reduce(EMPTY_REPLICA, { type: "snapshot", epoch: "e", seq: 1, state: before ?? {} });
      const ended = reduce(started, { type: "facts", seq: 2, facts });
      expect(full(ended.state as unknown as Record<string, Record<string, unknown>>), name).toEqual(full(after));
    }
  });
});

describe("parseMessage", () => {
  it("refuses what is no message", () => {
    for (const text of ["", "null", "[]", "{}", "x{", '{"type":"facts"}', '{"type":"snapshot","seq":1}', '{"type":"news","seq":1}']) {
      expect(parseMessage(text), text).toBeNull();
    }
    expect(parseMessage('{"type":"ping"}')).toEqual({ type: "ping" });
  });
});

describe("selectors", () => {
  it("finds own ringing calls, not those of others and not ended ones", () => {
    const ringing = call("a", { state: "offering" });
    const other = call("b", { state: "offering", id: "b:l2", line_id: "l2" });
    const value = state([ringing, other, call("c", { state: "ended" })], { lines: { l1: line("l1"), l2: line("l2", { own: false, user_ids: ["ben"] }) } });
    expect(ringingCalls(value).map((each) => each.call_id)).toEqual(["a"]);
    expect(ownCalls(value)).toHaveLength(1);
    expect(ringingAt(value, "ben")).toBe(other);
    expect(callsOfPerson(value, "carla")).toEqual([]);
  });

  it("puts the talk before the held call and knows the pair", () => {
    const held = call("a", { state: "hold" });
    const talk = call("b");
    expect(activeCall([held, talk])).toBe(talk);
    expect(heldPartner([held, talk], talk)).toBe(held);
    expect(heldPartner([held, talk], held)).toBeNull();
    expect(activeCall([call("c", { state: "offering" })])).toBeNull();
  });

  it("sorts colleagues by the reader's alphabet and leaves the reader out", () => {
    const value = state([], { people: { anna: person("anna", "Anna"), z: person("z", "Zoë"), o: person("o", "Öztürk"), p: person("p", "Pia") } });
    expect(colleagues(value, "de").map((each) => each.name)).toEqual(["Öztürk", "Pia", "Zoë"]);
  });
});

describe("keepFinished", () => {
  const at = Date.parse(NOON);

  it("keeps a talked call for two minutes and not longer", () => {
    const kept = keepFinished([], state([call("a")]), state([]), at);
    expect(kept.map((item) => item.call.call_id)).toEqual(["a"]);
    expect(keepFinished(kept, state([]), state([]), at + AFTER_CALL_MS - 1)).toBe(kept);
    expect(keepFinished(kept, state([]), state([]), at + AFTER_CALL_MS)).toEqual([]);
  });

  it("does not keep what was never answered or goes on under the same tracker", () => {
    expect(keepFinished([], state([call("a", { answered: null })]), state([]), at)).toEqual([]);
    expect(keepFinished([], state([call("a", { tracker: "t" })]), state([call("b", { tracker: "t" })]), at)).toEqual([]);
  });

  it("finds the journal entry by the call", () => {
    const entry = { id: "j1", call_id: "a", line_id: "l1" } as State["journal"][string];
    expect(journalIdOf(state([], { journal: { j1: entry } }), call("a"))).toBe("j1");
    expect(journalIdOf(state(), call("a", { journal_id: "j2" }))).toBe("j2");
    expect(journalIdOf(state(), call("a"))).toBeNull();
  });
});
