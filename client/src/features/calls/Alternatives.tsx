/** Several contacts have this number: who is meant is one click or one digit away, and remembered for this person. */
import { chooseContact } from "@core/actions/own";
import type { Hit, LineCall } from "@core/api/types";
import { choiceOf, refreshed } from "@core/choices";
import { useApp, useChosen, useLoad, usePerform, useSettings, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Keys } from "@ui/parts";
import { useEffect, useState } from "react";
import { isBusyTarget } from "./effects";

/** More than these are not listed until asked for. */
const SHOWN_AT_ONCE = 4;

/** `byKey`: digits choose, unless somebody is typing. */
export function Alternatives({ call, byKey }: { call: LineCall; byKey?: boolean }) {
  if (call.remote.alternatives === 0 || call.remote.user_id !== null) return null;
  return <Choosing call={call} byKey={byKey ?? false} key={call.remote.canonical} />;
}

function Choosing({ call, byKey }: { call: LineCall; byKey: boolean }) {
  const { t } = useTexts();
  const app = useApp();
  const perform = usePerform();
  const number = call.remote.canonical;
  const current = useChosen(call.remote).contact_id;
  const { chosenContacts } = useSettings();
  const [open, setOpen] = useState(byKey && call.remote.alternatives < SHOWN_AT_ONCE);
  const { value } = useLoad(() => app.api.identify(number), number);
  const hits = value?.hits ?? [];
  const choose = (hit: Hit | undefined) => {
    if (hit && hit.id !== current) void perform(chooseContact, { number, choice: choiceOf(hit) });
  };
  useEffect(() => {
    // What was remembered may have another name by now, or another number.
    const known = chosenContacts[number];
    const now = known && value ? refreshed(known, value.hits) : known;
    if (known && now !== known) void perform(chooseContact, { number, choice: now ?? null });
  }, [value, chosenContacts, number, perform]);
  useDigits(byKey, (digit) => choose(hits[digit - 1]));
  return (
    <div className="stack alternatives" style={{ gap: 4 }}>
      <button type="button" className="tool alternatives-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "chevronDown" : "chevronRight"} size={16} /> {t("banner.alternatives", { count: call.remote.alternatives })}
      </button>
      {open && (
        <ul className="alternatives-list" aria-label={t("contact.choose")}>
          {hits.map((hit, index) => (
            <li key={hit.id}>
              <button type="button" className="plain row banner-alternative" aria-pressed={hit.id === current} onClick={() => choose(hit)}>
                <span className="alternative-mark">{hit.id === current && <Icon name="check" size={16} />}</span>
                <span className="grow clip">{hit.title} <span className="muted">{hit.subtitle}</span></span>
                <Why hit={hit} number={number} />
                {byKey && index < 9 && <Keys keys={String(index + 1)} />}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Why this contact is a match: which of its numbers it is. */
function Why({ hit, number }: { hit: Hit; number: string }) {
  const { t, word } = useTexts();
  const kind = hit.numbers.find((each) => each.canonical === number)?.kind;
  return <span className="tag">{kind ? word("number", kind) : t("match.main-number")}</span>;
}

function useDigits(on: boolean, press: (digit: number) => void): void {
  useEffect(() => {
    if (!on) return undefined;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || isBusyTarget(event.target)) return;
      if (/^[1-9]$/.test(event.key)) press(Number(event.key));
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  });
}
