/** What can be done with a call. Commands ask; the call itself changes when the server says so. */
import type { CommandInput, LineCall, Verb } from "../api/types";
import type { AppState, Unisono } from "../app";
import { dialFromAddress, digitsOf, isDtmf, isEmergency, looksLikeNumber, looksLikeWord, unwrapLink } from "../phone/dialtext";
import { activeCall, brokenLinks, heldPartner, ownCalls, ownLines } from "../replica/selectors";
import { readSettings } from "../settings";
import type { Action, Refusal } from "./action";

export { dialFromAddress };

export interface CallTarget {
  call: LineCall;
  /** Whom: a number in any form, or an extension. */
  to?: string;
  digits?: string;
  /** Which own line acts (pick-up). */
  ownLine?: string;
}

const NOT_NOW: Refusal = { key: "why.notNow" };
const about = ({ call, to, digits }: CallTarget): string => `${call.id}${to ? `:${to}` : ""}${digits ? `:${digits}` : ""}`;

function offers(call: LineCall, ...services: string[]): Refusal | null {
  return services.some((service) => call.services.includes(service)) ? null : NOT_NOW;
}

function send(app: Unisono, { call }: CallTarget, command: Verb, more: Partial<CommandInput> = {}): Promise<void> {
  return app.api.calls.command(call.call_id, command, { line_id: call.line_id, ...more }).then(() => undefined);
}

/** The held call that goes with this one, or why there is none. */
function partner(state: AppState, call: LineCall): LineCall | null {
  const calls = ownCalls(state.replica.state);
  return heldPartner(calls, call);
}

function needsPartner(service: string) {
  return (state: AppState, { call }: CallTarget): Refusal | null => {
    const held = partner(state, call);
    if (!held) return { key: "why.noHeldCall" };
    return call.services.includes(service) || held.services.includes(service) ? null : NOT_NOW;
  };
}

function withPartner(command: Verb) {
  return (app: Unisono, target: CallTarget): Promise<void> =>
    send(app, target, command, { held_call_id: partner(app.state, target.call)?.call_id ?? "" });
}

/** Either the number is there, or the call window asks for it first. */
function withNumber(command: "consult" | "blind-transfer" | "deflect") {
  return async (app: Unisono, target: CallTarget): Promise<void> => {
    if (!target.to) {
      app.store.patch({ ask: { callId: target.call.id, what: command }, callWindow: "open" });
      return;
    }
    await send(app, target, command, { to: unwrapLink(target.to) });
    app.store.patch({ ask: null });
  };
}

export const answer: Action<CallTarget> = {
  id: "call.answer", title: "call.answer", icon: "phone", keys: "Enter", target: about,
  refusal: (_state, { call }) => offers(call, "answerCall"),
  run: (app, target) => send(app, target, "answer"),
};

export const decline: Action<CallTarget> = {
  id: "call.decline", title: "call.decline", icon: "phoneOff", keys: "Esc", target: about,
  refusal: (_state, { call }) => offers(call, "clearConnection", "deflectCall"),
  run: (app, target) => send(app, target, "reject"),
};

export const deflect: Action<CallTarget> = {
  id: "call.deflect", title: "call.deflect", icon: "forward", keys: "D", target: about,
  refusal: (_state, { call }) => offers(call, "deflectCall"),
  run: withNumber("deflect"),
};

export const hangUp: Action<CallTarget> = {
  id: "call.hangUp", title: "call.hangUp", icon: "phoneOff", keys: "Alt+E", target: about,
  refusal: (_state, { call }) => offers(call, "clearConnection"),
  run: (app, target) => send(app, target, "drop"),
};

export const hold: Action<CallTarget> = {
  id: "call.hold", title: "call.hold", icon: "pause", keys: "Alt+H", target: about,
  refusal: (_state, { call }) => offers(call, "holdCall"),
  run: (app, target) => send(app, target, "hold"),
};

export const resume: Action<CallTarget> = {
  id: "call.resume", title: "call.resume", icon: "play", keys: "Alt+H", target: about,
  refusal: (_state, { call }) => offers(call, "retrieveCall"),
  run: (app, target) => send(app, target, "retrieve"),
};

export const alternate: Action<CallTarget> = {
  id: "call.alternate", title: "call.alternate", icon: "swap", keys: "Alt+A", target: about,
  refusal: needsPartner("alternateCall"),
  run: withPartner("alternate"),
};

export const consult: Action<CallTarget> = {
  id: "call.consult", title: "call.consult", icon: "userPlus", keys: "Alt+C", target: about,
  refusal: (_state, { call }) => offers(call, "consultationCall"),
  run: withNumber("consult"),
};

export const reconnect: Action<CallTarget> = {
  id: "call.reconnect", title: "call.reconnect", icon: "undo", target: about,
  refusal: needsPartner("reconnectCall"),
  run: withPartner("reconnect"),
};

export const transfer: Action<CallTarget> = {
  id: "call.transfer", title: "call.transfer", icon: "transfer", keys: "Alt+T", target: about,
  refusal: needsPartner("transferCall"),
  run: withPartner("transfer"),
};

export const blindTransfer: Action<CallTarget> = {
  id: "call.blindTransfer", title: "call.blindTransfer", icon: "forward", keys: "Alt+B", target: about,
  refusal: (_state, { call }) => offers(call, "singleStepTransferCall"),
  run: withNumber("blind-transfer"),
};

export const conference: Action<CallTarget> = {
  id: "call.conference", title: "call.conference", icon: "users", keys: "Alt+M", target: about,
  refusal: needsPartner("conferenceCall"),
  run: withPartner("conference"),
};

export const sendDigits: Action<CallTarget> = {
  id: "call.dtmf", title: "call.dtmf", icon: "keypad", target: about,
  refusal: (_state, { call, digits }) => {
    if (digits && !isDtmf(digits)) return { key: "why.notDigits" };
    return call.state === "hold" ? { key: "why.onHold" } : offers(call, "generateDigits");
  },
  run: (app, target) => send(app, target, "dtmf", { digits: target.digits ?? "" }),
};

export const park: Action<CallTarget> = {
  id: "call.park", title: "call.park", icon: "park", target: about,
  refusal: (_state, { call }) => offers(call, "parkCall"),
  run: (app, target) => send(app, target, "park"),
};

export const callBack: Action<CallTarget> = {
  id: "call.callBack", title: "call.callBack", icon: "callBack", target: about,
  refusal: (_state, { call }) => offers(call, "callBackCall"),
  run: (app, target) => send(app, target, "callback"),
};

/** Takes a call that rings at a colleague. */
export const pickUp: Action<CallTarget> = {
  id: "call.pickUp", title: "call.pickUp", icon: "pickUp", keys: "P", target: about,
  refusal: (state, { call }) => {
    if (call.state !== "offering") return { key: "why.notRinging" };
    if (ownLines(state.replica.state).length === 0) return { key: "why.noLine" };
    return offers(call, "directedPickupCall");
  },
  run: (app, target) => send(app, target, "pickup", target.ownLine ? { own_line_id: target.ownLine } : {}),
};

export interface DialTarget {
  to: string;
  lineId?: string;
  /** Already confirmed, or typed by hand. */
  sure?: boolean;
}

/** Dials a number in any written form; asks first if the person wants to be asked, and before an emergency number always. */
export const dial: Action<DialTarget> = {
  id: "dial", title: "call.dial", icon: "phone", target: ({ to }) => digitsOf(to),
  refusal: (state, { to }) => {
    if (!looksLikeNumber(to) && !looksLikeWord(to)) return { key: "why.notANumber" };
    const lines = ownLines(state.replica.state);
    if (lines.length === 0) return { key: "why.noLine" };
    const broken = brokenLinks(state.replica.state).map((link) => link.id);
    return lines.every((line) => broken.includes(line.link)) ? { key: "why.linkDown" } : null;
  },
  run: async (app, { to, lineId, sure }) => {
    const { confirmDial } = readSettings(app.state.replica.state.me.me?.settings);
    if ((confirmDial || isEmergency(to)) && !sure) {
      app.store.patch({ dialConfirm: unwrapLink(to) });
      return;
    }
    await app.api.calls.make(unwrapLink(to), lineId);
    app.store.patch({ dialConfirm: null });
  },
};

/** While a call is being talked on, a chosen person is consulted instead of called from nothing. */
export const consultActive: Action<{ to: string }> = {
  id: "call.consultActive", title: "call.consult", icon: "userPlus", target: ({ to }) => digitsOf(to),
  refusal: (state) => {
    const call = activeCall(ownCalls(state.replica.state));
    return call ? offers(call, "consultationCall") : NOT_NOW;
  },
  run: async (app, { to }) => {
    const call = activeCall(ownCalls(app.state.replica.state));
    if (call) await consult.run(app, { call, to });
  },
};

/** Attendant: the active call goes to this number now, without a word. */
export const transferActive: Action<{ to: string }> = {
  id: "call.transferActive", title: "call.blindTransfer", icon: "forward", target: ({ to }) => digitsOf(to),
  refusal: (state) => {
    const call = activeCall(ownCalls(state.replica.state));
    return call ? offers(call, "singleStepTransferCall") : { key: "why.noCall" };
  },
  run: async (app, { to }) => {
    const call = activeCall(ownCalls(app.state.replica.state));
    if (call) await blindTransfer.run(app, { call, to });
  },
};
