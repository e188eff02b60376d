/** Everything about the call at hand: state, controls, who it is, the note, what was before. */
import { dial, transfer } from "@core/actions/calls";
import type { LineCall } from "@core/api/types";
import { type AfterCall, journalIdOf } from "@core/replica/aftercall";
import { activeCall, heldPartner, isRinging, isTalking, ownCalls, sameList } from "@core/replica/selectors";
import { pathOf } from "@core/router";
import { Avatar } from "@ui/Avatar";
import { AutosaveNote, ContactCard, History, MailLink } from "@ui/contact";
import { useApp, useNow, usePerform, useSelect, useTexts, useWidth } from "@ui/hooks";
import { ActionButton, IconButton, PhoneNumber, RunningTime } from "@ui/parts";
import { Refusals } from "@ui/refusals";
import { useEffect, useRef } from "react";
import { Alternatives } from "./Alternatives";
import { Controls } from "./Controls";
import { CountrySign, Route, useParty } from "./party";
import { stateWords } from "./words";
import "./calls.css";

export function CallWindow() {
  const app = useApp();
  const { t } = useTexts();
  const calls = useSelect((state) => ownCalls(state.replica.state).filter((call) => !isRinging(call)), sameList);
  const finished = useSelect((state) => state.finished);
  const open = useSelect((state) => state.callWindow === "open");
  useFoldOnLeaving();
  const active = activeCall(calls);
  if (!open || (!active && finished.length === 0)) return null;
  return (
    <aside className="callwindow" aria-label={t("window.title")} data-testid="call-window">
      <header className="row callwindow-head">
        <h2 className="grow">{t("window.title")}</h2>
        <IconButton icon="close" label={t("window.fold")} onClick={() => app.store.patch({ callWindow: "closed" })} />
      </header>
      <div className="callwindow-body">
        {active && <Living calls={calls} active={active} />}
        {finished.map((item) => <Finished key={item.call.id} item={item} />)}
      </div>
    </aside>
  );
}

/** Where the window lies over the page, whoever asks for another page wants to see it. */
function useFoldOnLeaving(): void {
  const app = useApp();
  const width = useWidth();
  const path = useSelect((state) => pathOf(state.route));
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path && width !== "full") app.store.patch({ callWindow: "closed" });
    before.current = path;
  }, [app, path, width]);
}

function Living({ calls, active }: { calls: LineCall[]; active: LineCall }) {
  const held = heldPartner(calls, active);
  const others = calls.filter((call) => call.id !== active.id);
  return (
    <>
      <div className="callcards" data-several={others.length > 0 || undefined}>
        <CallCard call={active} current partner={held} />
        {others.map((call) => <CallCard key={call.id} call={call} partner={call.id === held?.id ? active : null} />)}
      </div>
      <Controls call={active} held={held} key={active.id} />
      <Refusals mine={(key) => key.startsWith("call.") && key.includes(active.id)} />
      <About call={active} key={`about:${active.id}`} />
    </>
  );
}

const DRAG_TYPE = "application/x-unisono-call";

/** One call; dropped on its partner it becomes a transfer. */
function CallCard({ call, current, partner }: { call: LineCall; current?: boolean; partner: LineCall | null }) {
  const texts = useTexts();
  const perform = usePerform();
  const { title, subtitle, number, country } = useParty(call.remote);
  return (
    <section
      className="callcard" data-current={current || undefined} data-state={call.state} aria-label={title}
      draggable={partner !== null}
      onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, call.id)}
      onDragOver={(event) => partner && event.preventDefault()}
      onDrop={(event) => {
        if (partner && event.dataTransfer.getData(DRAG_TYPE) === partner.id) void perform(transfer, { call: current ? call : partner });
      }}
    >
      <div className="row" style={{ gap: 12 }}>
        <Avatar name={title} size={44} />
        <div className="grow">
          <div className="callcard-name clip">{title}</div>
          {subtitle && <div className="clip">{subtitle}</div>}
          {(number || country) && <div className="row" style={{ gap: 6 }} title={country}><CountrySign country={call.remote.country} /><span className="muted num clip">{number || country}</span></div>}
        </div>
      </div>
      <div className="row callcard-state" data-talking={isTalking(call) || undefined}>
        <span className="grow clip" role="status">{stateWords(call, texts)}</span>
        <RunningTime since={call.since} />
      </div>
      {call.parties.length > 1 && <div className="muted clip">{texts.format.list(call.parties.map((party) => party.name || party.display || party.number))}</div>}
      {current && <div className="clip" style={{ fontSize: 13 }}><Route call={call} /></div>}
    </section>
  );
}

/** Card, note and history of the one the call is with. */
function About({ call }: { call: LineCall }) {
  const { t } = useTexts();
  const app = useApp();
  const number = call.remote.canonical || call.remote.number;
  const { contactId } = useParty(call.remote);
  const person = useSelect((state) => (call.remote.user_id ? state.replica.state.people[call.remote.user_id] : undefined));
  return (
    <>
      <section className="stack"><h3>{t("window.note")}</h3><CallNote call={call} /></section>
      <section className="stack">
        <h3>{t("window.contact")}</h3>
        <Alternatives call={call} />
        {contactId ? (
          <ContactCard id={contactId} head={false} key={contactId} />
        ) : person ? (
          <dl className="facts">
            <dt>{t("people.department")}</dt><dd>{[...new Set([person.title, person.department])].filter(Boolean).join(", ")}</dd>
            {person.location_name && <><dt>{t("people.site")}</dt><dd>{person.location_name}</dd></>}
            {person.number && <><dt>{t("number.extension")}</dt><dd><PhoneNumber number={person.number} /></dd></>}
            {person.mobile && <><dt>{t("number.mobile")}</dt><dd><PhoneNumber number={person.mobile} {...(person.mobile_display ? { display: person.mobile_display } : {})} /></dd></>}
            {person.mail && <><dt>{t("contact.mail")}</dt><dd><MailLink mail={person.mail} /></dd></>}
          </dl>
        ) : (
          <div className="row wrap">
            <span className="muted">{t("window.unknown")}</span>
            {number && <button type="button" className="chip" onClick={() => app.go(`/contacts/new?number=${encodeURIComponent(number)}`)}>{t("contact.createFrom")}</button>}
          </div>
        )}
      </section>
      <section className="stack"><h3>{t("window.history")}</h3><History party={call.remote} contactId={contactId} except={call} /></section>
    </>
  );
}

function CallNote({ call, over }: { call: LineCall; over?: boolean }) {
  const app = useApp();
  const { t } = useTexts();
  const entry = useSelect((state) => journalIdOf(state.replica.state, call));
  // What becomes of it afterwards stands in the journal alone.
  const value = useSelect((state) => (entry && over && state.replica.state.journal[entry]?.note) || call.note);
  const save = (note: string) =>
    entry && over ? app.api.journal.change(entry, { note }) : app.api.calls.note(call.call_id, { line_id: call.line_id, note });
  return <AutosaveNote value={value} save={save} label={t("note.placeholder")} />;
}

/** The call is over: the note can still be finished for two minutes. */
function Finished({ item }: { item: AfterCall }) {
  const app = useApp();
  const { t } = useTexts();
  const now = useNow();
  const { call } = item;
  const { title, subtitle } = useParty(call.remote);
  const number = call.remote.canonical || call.remote.number;
  useEffect(() => app.sweep(), [app, now]);
  return (
    <section className="callcard finished" aria-label={t("window.ended", { name: title })}>
      <div className="row" style={{ gap: 12 }}>
        <Avatar name={title} size={36} />
        <div className="grow">
          <div className="callcard-name clip">{title}</div>
          {subtitle && <div className="clip">{subtitle}</div>}
          <div className="muted clip">
            {t(call.parked_at ? "callstate.parked" : "callstate.ended")} · <RunningTime since={call.answered ?? call.started} until={call.ended ?? new Date(item.endedAt).toISOString()} />
          </div>
        </div>
        {number && !call.parked_at && <ActionButton action={dial} target={{ to: number }} title="call.again" className="tool call" />}
        <IconButton icon="check" label={t("window.putAway")} onClick={() => app.dismissFinished(call.id)} />
      </div>
      <CallNote call={call} over />
    </section>
  );
}
