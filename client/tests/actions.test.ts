import { byText, dismissRefusals, perform, whyNot } from "@core/actions/action";
import {
  answer, blindTransfer, conference, consult, decline, dial, hangUp, hold, pickUp, resume, sendDigits, transfer,
} from "@core/actions/calls";
import { CHEAT_SHEET, commands } from "@core/actions/commands";
import { lineDnd, lineForwarding, setPresence, toggleFavourite } from "@core/actions/own";
import { Http } from "@core/api/http";
import { Unisono } from "@core/app";
import type { LineCall } from "@core/api/types";
import type { State } from "@core/replica/model";
import { beforeEach, describe, expect, it } from "vitest";
import { pathOf } from "@core/router";
import { ANNA, call, line, person, state } from "./fixtures";

interface Sent {
  method: string;
  path: string;
  body: unknown;
  headers: Record<string, string>;
}

describe("actions", () => {
  let sent: Sent[];
  let answerWith: () => Response;
  let app: Unisono;

  beforeEach(() => {
    sent = [];
    answerWith = () => new Response(JSON.stringify({ accepted: true }), { status: 200 });
    const fetch = (async (path: string, init: RequestInit) => {
      sent.push({ method: init.method ?? "", path, body: init.body ? JSON.parse(init.body as string) : null, headers: init.headers as Record<string, string> });
      return answerWith();
    }) as unknown as typeof globalThis.fetch;
    const http = new Http({ fetch, newKey: () => "key-1" });
    http.csrf = "token";
    app = new Unisono({ http, openSocket: () => ({ send() {}, close() {}, onopen: null, onmessage: null, onclose: null }) });
  });

  function show(calls: readonly LineCall[], more: Partial<State> = {}): void {
    app.store.patch({ link: "live", replica: { epoch: "e", seq: 1, state: state(calls, more) } });
  }

  it("sends each command to the call and line it is about, with safety headers", async () => {
    const ringing = call("a", { state: "offering", services: ["answerCall", "clearConnection"] });
    show([ringing]);
    await perform(app, answer, { call: ringing });
    await perform(app, decline, { call: ringing });
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /api/v1/calls/a/answer", "POST /api/v1/calls/a/reject"]);
    expect(sent[0]?.body).toEqual({ line_id: "l1" });
    expect(sent[0]?.headers).toMatchObject({ "X-CSRF-Token": "token", "Idempotency-Key": "key-1" });
  });

  it("sends no digits into a call that is on hold, whatever the telephone system would say", async () => {
    const held = call("a", { state: "hold", services: ["generateDigits"] });
    show([held]);
    expect(await perform(app, sendDigits, { call: held, digits: "9" })).toBe(false);
    expect(sent).toEqual([]);
    expect(whyNot(sendDigits, app.state, { call: held })?.key).toBe("why.onHold");
  });

  it.each([
    [hangUp, "drop", ["clearConnection"]], [hold, "hold", ["holdCall"]], [resume, "retrieve", ["retrieveCall"]],
  ] as const)("offers $id only where the line can do it", async (action, command, services) => {
    const without = call("a");
    show([without]);
    expect(whyNot(action, app.state, { call: without })?.key).toBe("why.notNow");
    const with_ = call("a", { services: [...services] });
    await perform(app, action, { call: with_ });
    expect(sent[0]?.path).toBe(`/api/v1/calls/a/${command}`);
  });

  it("transfers and joins only with a held call on the same line", async () => {
    const talk = call("b", { services: ["transferCall", "conferenceCall"] });
    show([talk]);
    expect(whyNot(transfer, app.state, { call: talk })?.key).toBe("why.noHeldCall");
    show([talk, call("a", { state: "hold" })]);
    await perform(app, transfer, { call: talk });
    await perform(app, conference, { call: talk });
    expect(sent.map((each) => each.body)).toEqual([{ line_id: "l1", held_call_id: "a" }, { line_id: "l1", held_call_id: "a" }]);
  });

  it("asks for a number where one is missing, and sends it as it was written", async () => {
    const talk = call("a", { services: ["consultationCall", "singleStepTransferCall"] });
    show([talk]);
    await perform(app, consult, { call: talk });
    expect(sent).toEqual([]);
    expect(app.state.ask).toEqual({ callId: "a:l1", what: "consult" });
    await perform(app, blindTransfer, { call: talk, to: "tel:+39 0432 555014" });
    expect(sent[0]?.body).toEqual({ line_id: "l1", to: "+39 0432 555014" });
    expect(app.state.ask).toBeNull();
  });

  it("picks up only what rings", () => {
    const other = call("a", { id: "a:l2", line_id: "l2", state: "offering", services: ["directedPickupCall"] });
    show([other], { lines: { l1: line("l1"), l2: line("l2", { own: false }) } });
    expect(whyNot(pickUp, app.state, { call: other })).toBeNull();
    expect(whyNot(pickUp, app.state, { call: { ...other, state: "connected" } })?.key).toBe("why.notRinging");
  });

  it("dials numbers, not names, and asks first if that is wished", async () => {
    show([]);
    expect(whyNot(dial, app.state, { to: "Rossi" })?.key).toBe("why.notANumber");
    await perform(app, dial, { to: "0432 555014" });
    expect(sent[0]).toMatchObject({ path: "/api/v1/calls", body: { to: "0432 555014" } });
    show([], { me: { me: { ...ANNA, settings: { confirm_dial: true } } } });
    await perform(app, dial, { to: "tel:101" });
    expect(app.state.dialConfirm).toBe("101");
    await perform(app, dial, { to: "101", sure: true });
    expect(app.state.dialConfirm).toBeNull();
    expect(sent).toHaveLength(2);
  });

  it("does nothing while the server is away, and says so", async () => {
    const talk = call("a", { services: ["holdCall"] });
    show([talk]);
    app.store.patch({ link: "offline" });
    expect(whyNot(hold, app.state, { call: talk })?.key).toBe("why.offline");
    expect(await perform(app, hold, { call: talk })).toBe(false);
    expect(sent).toEqual([]);
  });

  it("shows an action as pending at once and keeps the reason of a refusal beside it", async () => {
    answerWith = () => new Response(JSON.stringify({ code: "not-now", detail: "no", culprit: "peer", retry: "later" }), { status: 409 });
    const talk = call("a", { services: ["holdCall"] });
    show([talk]);
    const running = perform(app, hold, { call: talk });
    expect(app.state.pending["call.hold:a:l1"]).toBe(true);
    expect(await running).toBe(false);
    expect(app.state.pending).toEqual({});
    expect(app.state.refused["call.hold:a:l1"]).toMatchObject({ code: "not-now", culprit: "peer", retry: "later", status: 409 });
  });

  it("says once what several refusals say alike, the latest of them, and puts them away together", async () => {
    const [one, other] = [call("a", { services: ["holdCall"] }), call("b", { services: ["holdCall"] })];
    show([one, other]);
    const told = () => byText(Object.entries(app.state.refused), (problem) => problem.code).map(({ keys }) => keys);
    const refusing = async (target: LineCall, code: string) => {
      answerWith = () => new Response(JSON.stringify({ code }), { status: 409 });
      await perform(app, hold, { call: target });
    };
    await refusing(one, "not-now");
    await refusing(other, "not-now");
    expect(told()).toEqual([["call.hold:a:l1", "call.hold:b:l1"]]);
    await refusing(one, "not-now");
    expect(told()).toEqual([["call.hold:b:l1", "call.hold:a:l1"]]);
    await refusing(other, "elsewhere");
    expect(told()).toEqual([["call.hold:a:l1"], ["call.hold:b:l1"]]);
    dismissRefusals(app, ["call.hold:a:l1", "call.hold:b:l1"]);
    expect(app.state.refused).toEqual({});
  });

  it("loses no click that takes back what is still under way", async () => {
    show([], { lines: { l1: line("l1", { services: ["setDoNotDisturb", "setForwarding"] }) } });
    const forwarding = { lineId: "l1", type: "forwardImmediate", to: "102" } as const;
    const asked = [
      perform(app, lineDnd, { lineId: "l1", on: true }), perform(app, lineDnd, { lineId: "l1", on: false }),
      perform(app, lineForwarding, { ...forwarding, on: true }), perform(app, lineForwarding, { ...forwarding, on: false }),
    ];
    expect(await Promise.all(asked)).toEqual([true, true, true, true]);
  });

  it("sends only what a keypad has", () => {
    const talk = call("a", { services: ["generateDigits"] });
    show([talk]);
    expect(whyNot(sendDigits, app.state, { call: talk, digits: "1*#" })).toBeNull();
    expect(whyNot(sendDigits, app.state, { call: talk, digits: "1 2" })?.key).toBe("why.notDigits");
  });

  it("sets the presence of others only with the right", async () => {
    show([]);
    expect(whyNot(setPresence, app.state, { state: "away", userId: "ben" })?.key).toBe("why.noRight");
    await perform(app, setPresence, { state: null });
    expect(sent[0]).toMatchObject({ method: "PUT", path: "/api/v1/me/presence", body: { state: null } });
  });

  it("adds and removes favourites", async () => {
    answerWith = () => new Response(JSON.stringify({ ...ANNA, favourites: ["ben"] }), { status: 200 });
    show([]);
    await perform(app, toggleFavourite, { userId: "ben" });
    expect(sent[0]?.body).toEqual({ favourites: ["ben"] });
    expect(app.state.replica.state.me.me?.favourites).toEqual(["ben"]);
  });

  it("signs out when the server no longer knows the session", async () => {
    answerWith = () => new Response("{}", { status: 401 });
    show([]);
    app.store.patch({ phase: "signed-in" });
    await perform(app, dial, { to: "101" });
    expect(app.state.phase).toBe("signed-out");
  });

  it("asks before it dials an emergency number, and dials it when it is meant", async () => {
    show([]);
    await perform(app, dial, { to: "112" });
    expect([sent, app.state.dialConfirm]).toEqual([[], "112"]);
    await perform(app, dial, { to: "112", sure: true });
    expect(sent[0]?.body).toMatchObject({ to: "112" });
  });

  it("leads an administrator of an empty server to the first steps, and nobody else", async () => {
    const open = { send() {}, close() {}, onopen: null, onmessage: null as ((event: { data: string }) => void) | null, onclose: null };
    const arrive = async (me: object, more: object): Promise<string> => {
      const alone = new Unisono({ http: app.http, openSocket: () => open });
      answerWith = () => new Response(JSON.stringify({ user: ANNA, csrf: "t", expires: "" }), { status: 200 });
      await alone.signIn("anna", "x");
      const people = { anna: person("anna", "Anna") };
      open.onmessage?.({ data: JSON.stringify({ type: "snapshot", epoch: "e", seq: 1, state: { ...state(), lines: {}, people, me: { me: { ...ANNA, ...me } }, ...more } }) });
      return pathOf(alone.state.route);
    };
    expect(await arrive({ admin: true }, {})).toBe("/admin");
    expect(await arrive({ admin: false }, {})).toBe("/");
    expect(await arrive({ admin: true }, { lines: { l1: line("l1") } })).toBe("/");
    expect(await arrive({ admin: true }, { people: { anna: person("anna", "Anna"), ben: person("ben", "Ben") } })).toBe("/");
  });

  it("lists administration only for admins", () => {
    show([]);
    const ids = () => commands(app.state).map((command) => command.id);
    expect(ids().some((id) => id.startsWith("go:/admin"))).toBe(false);
    show([], { me: { me: { ...ANNA, admin: true } } });
    expect(ids()).toContain("go:/admin/people");
    expect(new Set(ids()).size).toBe(ids().length);
  });

  it("has one meaning for each key of a section", () => {
    for (const section of CHEAT_SHEET) {
      const keys = section.rows.map((row) => row.keys);
      expect(new Set(keys).size, section.title).toBe(keys.length);
    }
  });
});
