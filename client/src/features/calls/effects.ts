/** What a ringing call does outside the page's own pixels: sound, desktop notification, title, keys, words for screen readers. */
import { type Action, whyNot } from "@core/actions/action";
import {
  alternate, answer, blindTransfer, type CallTarget, conference, consult, decline, deflect, hangUp, hold, pickUp, resume, transfer,
} from "@core/actions/calls";
import type { LineCall } from "@core/api/types";
import { type Choices, withChoice } from "@core/choices";
import { Ringer } from "@core/notify/ring";
import { activeCall, missedOpen, ownCalls, partyNumber, pickableCall, partySubtitle, partyTitle, ringingCalls, sameList } from "@core/replica/selectors";
import { useApp, usePerform, useSelect, useSettings, useTexts } from "@ui/hooks";
import { useEffect, useRef } from "react";

const ringer = new Ringer();

/** Rings while own calls ring and nothing is being talked on; a call waiting is shown, not sounded over the talk. */
export function useRing(): void {
  const { ring, volume } = useSettings();
  const sounding = useSelect((state) => {
    const calls = ownCalls(state.replica.state);
    return calls.some((call) => call.state === "offering") && activeCall(calls) === null && state.link === "live";
  });
  useEffect(() => {
    if (!sounding) return undefined;
    ringer.start(ring, volume);
    return () => ringer.stop();
  }, [sounding, ring, volume]);
}

function callerWords(call: LineCall, choices: Choices, unknown: string): string {
  const party = withChoice(call.remote, choices);
  return [partyTitle(party) || unknown, partySubtitle(party)].filter(Boolean).join(", ");
}

/** A notification of the desktop when the page cannot be seen; a click brings the page. */
export function useDesktopNotifications(): void {
  const { t } = useTexts();
  const { notifications, chosenContacts } = useSettings();
  const ringing = useSelect((state) => ringingCalls(state.replica.state), sameList);
  const shown = useRef(new Map<string, Notification>());
  useEffect(() => {
    for (const [id, note] of shown.current) {
      if (!ringing.some((call) => call.id === id)) {
        note.close();
        shown.current.delete(id);
      }
    }
    if (!notifications || typeof Notification === "undefined" || Notification.permission !== "granted") return;
    for (const call of ringing) {
      if (shown.current.has(call.id) || document.visibilityState === "visible") continue;
      const note = new Notification(callerWords(call, chosenContacts, t("party.unknown")), { body: [t("banner.incoming"), partyNumber(call.remote)].filter(Boolean).join(" · "), tag: call.id, icon: "/favicon.svg" });
      note.onclick = () => {
        window.focus();
        note.close();
      };
      shown.current.set(call.id, note);
    }
  }, [ringing, notifications, chosenContacts, t]);
}

/** "(2) Unisono": missed calls; a ringing caller comes first. */
export function useTitle(): void {
  const { t } = useTexts();
  const { chosenContacts } = useSettings();
  const missed = useSelect((state) => missedOpen(state.replica.state));
  const ringing = useSelect((state) => ringingCalls(state.replica.state)[0] ?? null);
  useEffect(() => {
    const name = missed > 0 ? `(${missed}) Unisono` : "Unisono";
    document.title = ringing ? `☎ ${callerWords(ringing, chosenContacts, t("party.unknown"))} · ${name}` : name;
  }, [missed, ringing, chosenContacts, t]);
}

/** Tells screen readers about a new ringing call, once. */
export function useAnnounceCalls(): void {
  const app = useApp();
  const { t } = useTexts();
  const { chosenContacts } = useSettings();
  const ringing = useSelect((state) => ringingCalls(state.replica.state), sameList);
  const told = useRef(new Set<string>());
  useEffect(() => {
    const fresh = ringing.filter((call) => !told.current.has(call.id));
    told.current = new Set(ringing.map((call) => call.id));
    const call = fresh.at(-1);
    if (call) app.store.patch({ announcement: t("banner.announce", { name: callerWords(call, chosenContacts, t("party.unknown")) }) });
    // The same words are told again only after they were gone.
    else if (ringing.length === 0) app.store.patch({ announcement: "" });
  }, [app, ringing, chosenContacts, t]);
}

/** Whether a key press belongs to what is being typed or pressed. */
export function isBusyTarget(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=menu], [role=listbox], [role=combobox]") !== null;
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, [role=button], [role=option], [role=row], [tabindex='0']") !== null;
}

const RINGING_KEYS: Record<string, Action<CallTarget>> = { Enter: answer, Escape: decline, d: deflect };
const CALL_KEYS: Record<string, Action<CallTarget>> = {
  KeyE: hangUp, KeyC: consult, KeyT: transfer, KeyB: blindTransfer, KeyA: alternate, KeyM: conference,
};

interface AtHand {
  ringing: LineCall | null;
  active: LineCall | null;
  /** What rings at a colleague and may be taken. */
  pickable: LineCall | null;
}

function pickAction(event: KeyboardEvent, { ringing, active, pickable }: AtHand): [Action<CallTarget>, LineCall] | null {
  if (event.altKey && !event.ctrlKey && !event.metaKey && active) {
    const action = event.code === "KeyH" ? (active.state === "hold" ? resume : hold) : CALL_KEYS[event.code];
    return action ? [action, active] : null;
  }
  if (event.altKey || event.ctrlKey || event.metaKey || isBusyTarget(event.target)) return null;
  if (event.key.toLowerCase() === "p" && pickable) return [pickUp, pickable];
  if (!ringing) return null;
  const action = RINGING_KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action || (event.key === "Enter" && isPressable(event.target))) return null;
  return [action, ringing];
}

/** The colleague whose tile has the focus: their call is meant before others. */
function tileOf(target: EventTarget | null): string {
  const tile = target instanceof HTMLElement ? target.closest<HTMLElement>("[data-testid^='person-']") : null;
  return tile?.dataset.testid?.replace("person-", "") ?? "";
}

/** Enter answers, Esc declines, D deflects, P takes what rings at a colleague; Alt with a letter acts on the call at hand. Never while something is being typed. */
export function useCallKeys(): void {
  const app = useApp();
  const perform = usePerform();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const state = app.state.replica.state;
      const picked = event.defaultPrevented ? null : pickAction(event, {
        ringing: ringingCalls(state)[0] ?? null, active: activeCall(ownCalls(state)), pickable: pickableCall(state, tileOf(event.target)),
      });
      if (!picked) return;
      const [action, call] = picked;
      if (whyNot(action, app.state, { call })) return;
      event.preventDefault();
      event.stopPropagation();
      void perform(action, { call });
    };
    window.addEventListener("keydown", press, true);
    return () => window.removeEventListener("keydown", press, true);
  }, [app, perform]);
}
