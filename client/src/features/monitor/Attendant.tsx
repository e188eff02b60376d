/** Attendant mode: type letters, arrow, Enter transfers; without a call it dials. Hands never leave the keyboard. */
import { answer, consultActive, dial, transferActive } from "@core/actions/calls";
import { perform as run, whyNot } from "@core/actions/action";
import type { Person } from "@core/api/types";
import { activeCall, ownCalls, partyTitle, presenceOf, ringingCalls } from "@core/replica/selectors";
import { findPeople } from "@core/search/find";
import { withChoice } from "@core/choices";
import { useApp, useSelect, useSettings, useTexts } from "@ui/hooks";
import { Keys, Notice } from "@ui/parts";
import { ActivityLine, PresenceMark } from "@ui/presence";
import { Refusals } from "@ui/refusals";
import { useState } from "react";

const MINE = /^(dial|call\.(transferActive|consultActive|answer)):/;
/** Nobody is meant until a letter or an arrow says so: the Enter that answers, pressed twice, must not give the caller away. */
const NOBODY = -1;

export function Attendant({ people }: { people: readonly Person[] }) {
  const app = useApp();
  const { t } = useTexts();
  const [query, setQuery] = useState("");
  const [marked, setMarked] = useState(NOBODY);
  const call = useSelect((state) => activeCall(ownCalls(state.replica.state)));
  const ringing = useSelect((state) => ringingCalls(state.replica.state)[0] ?? null);
  const { chosenContacts } = useSettings();
  const list = (query.trim() ? findPeople(people, query, 60) : [...people].slice(0, 60)).filter((person) => person.number);
  const at = Math.min(marked, list.length - 1);
  const act = (person: Person | undefined, ask: boolean) => {
    if (!person?.number) return;
    const action = call ? (ask ? consultActive : transferActive) : dial;
    const target = { to: person.number };
    if (whyNot(action, app.state, target)) return;
    void run(app, action, target);
    setQuery("");
    setMarked(NOBODY);
  };
  const keyDown = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") setMarked(event.key === "ArrowDown" ? (at + 1) % Math.max(1, list.length) : (at <= 0 ? list.length : at) - 1);
    else if (event.key === "Enter" && ringing && !query.trim()) void run(app, answer, { call: ringing });
    else if (event.key === "Enter") act(list[at], event.shiftKey);
    else if (event.key === "Escape") {
      setQuery("");
      setMarked(NOBODY);
    }
    else return;
    event.preventDefault();
  };
  return (
    <section className="monitor-section attendant" aria-label={t("action.attendant")}>
      <Notice>
        {ringing && !query.trim() ? t("attendant.ringing", { name: partyTitle(withChoice(ringing.remote, chosenContacts)) || t("party.unknown") }) : call ? t("attendant.withCall", { name: partyTitle(withChoice(call.remote, chosenContacts)) || t("party.unknown") }) : t("attendant.withoutCall")} <Keys keys="Enter" />
        {call && !(ringing && !query.trim()) && <> {t("attendant.consult")} <Keys keys="Shift+Enter" /></>}
      </Notice>
      <Refusals mine={(key) => MINE.test(key)} />
      <input
        className="filter attendant-input" autoFocus role="combobox" aria-expanded="true" aria-controls="attendant-list" aria-label={t("attendant.type")}
        aria-activedescendant={list[at] ? `attendant-${list[at].id}` : undefined} placeholder={t("attendant.type")} value={query} onKeyDown={keyDown}
        onChange={(event) => {
          setQuery(event.target.value);
          setMarked(event.target.value.trim() ? 0 : NOBODY);
        }}
      />
      <ul id="attendant-list" role="listbox" aria-label={t("monitor.colleagues")} className="attendant-list">
        {list.map((person, index) => (
          <AttendantRow key={person.id} person={person} marked={index === at} onClick={() => act(person, false)} />
        ))}
      </ul>
    </section>
  );
}

function AttendantRow({ person, marked, onClick }: { person: Person; marked: boolean; onClick: () => void }) {
  const presence = useSelect((state) => presenceOf(state.replica.state, person.id));
  return (
    <li
      id={`attendant-${person.id}`} role="option" aria-selected={marked} className="row" onClick={onClick}
      ref={(element) => {
        if (marked) element?.scrollIntoView({ block: "nearest" });
      }}
    >
      <PresenceMark presence={presence} />
      <span className="clip" style={{ flex: 2 }}>{person.name}</span>
      <span className="clip muted" style={{ flex: 2 }}>{person.department}</span>
      <span className="clip muted" style={{ flex: 3 }}><ActivityLine presence={presence} /></span>
      <span className="num">{person.number}</span>
    </li>
  );
}
