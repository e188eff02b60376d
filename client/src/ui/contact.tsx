/** What is known about somebody: card, last calls, note that saves itself. Used by calls and by contacts. */
import type { Contact, JournalEntry, PartyView } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { bookName } from "@core/books";
import { lastContacts } from "@core/journal";
import { Fragment, useEffect, useRef, useState } from "react";
import { Avatar } from "./Avatar";
import { useApp, useLoad, useTexts } from "./hooks";
import { OutcomeIcon, outcomeWords } from "./outcome";
import { PhoneNumber, ProblemNotice, SkeletonRows } from "./parts";
import { Icon } from "./Icon";

/** A web address that is safe to follow, or null. */
function safeUrl(text: string): string | null {
  if (!text) return null;
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A mail address that breaks where one would break it by hand. */
export function MailLink({ mail }: { mail: string }) {
  return <a href={`mailto:${mail}`}>{mail.split(/(?=[@.])/).map((part, index) => <Fragment key={index}>{index > 0 && <wbr />}{part}</Fragment>)}</a>;
}

export function ContactFacts({ contact }: { contact: Contact }) {
  const { t, word } = useTexts();
  const web = safeUrl(contact.web);
  return (
    <dl className="facts">
      {contact.numbers.map((number) => (
        <div key={number.kind + number.canonical + (number.raw ?? "")} style={{ display: "contents" }}>
          <dt>{word("number", number.kind)}</dt>
          <dd><PhoneNumber number={number.canonical || number.raw || ""} display={number.display || number.raw || ""} /></dd>
        </div>
      ))}
      {contact.emails.length > 0 && (
        <>
          <dt>{t("contact.mail")}</dt>
          <dd>{contact.emails.map((mail) => <div key={mail}><MailLink mail={mail} /></div>)}</dd>
        </>
      )}
      {contact.addresses.map((address) => (
        <div key={address.kind + address.street} style={{ display: "contents" }}>
          <dt>{t("contact.address")}</dt>
          <dd>{[address.street, [address.postal_code, address.city].filter(Boolean).join(" "), address.country].filter(Boolean).join(", ")}</dd>
        </div>
      ))}
      {web && <><dt>{t("contact.web")}</dt><dd><a href={web} target="_blank" rel="noreferrer">{contact.web}</a></dd></>}
      {contact.customer_id && <><dt>{t("contact.customerId")}</dt><dd>{contact.customer_id}</dd></>}
      {Object.entries(contact.custom).map(([key, value]) => value && (
        <div key={key} style={{ display: "contents" }}><dt>{key}</dt><dd>{value}</dd></div>
      ))}
      {contact.note && <><dt>{t("contact.note")}</dt><dd style={{ whiteSpace: "pre-wrap" }}>{contact.note}</dd></>}
    </dl>
  );
}

export function ContactHead({ contact }: { contact: Contact }) {
  const { t } = useTexts();
  const link = safeUrl(contact.direct_link);
  const role = [contact.job_title, contact.department].filter(Boolean).join(", ");
  return (
    <div className="row" style={{ gap: 12 }}>
      <Avatar name={contact.display_name} size={48} />
      <div className="grow" style={{ overflowWrap: "anywhere" }}>
        <h2>{contact.display_name}</h2>
        {contact.company && contact.company !== contact.display_name && <div>{contact.company}</div>}
        {role && <div className="muted">{role}</div>}
      </div>
      <span className="stack" style={{ alignItems: "flex-end", gap: 4 }}>
        {contact.book && <span className="tag">{bookName({ id: contact.book, name: contact.books?.[contact.book] ?? "" }, t)}</span>}
        {link && <a className="row" href={link} target="_blank" rel="noreferrer" style={{ gap: 4 }}>{t("contact.openIn")} <Icon name="external" size={14} /></a>}
      </span>
    </div>
  );
}

/** The entries of several books that are shown as this one person, and why. */
function Origins({ contact }: { contact: Contact }) {
  const { t, word } = useTexts();
  return (
    <section className="stack" style={{ gap: 4 }} aria-label={t("contact.origins")}>
      <h3>{t("contact.origins")}</h3>
      <ul className="origins">
        {contact.origins.map((origin) => {
          const link = safeUrl(origin.link);
          return (
            <li key={origin.contact_id} className="row wrap">
              <span className="tag">{bookName({ id: origin.book, name: contact.books?.[origin.book] ?? "" }, t)}</span>
              <span className="muted grow">{origin.reason && word("duplicates.rule", origin.reason)}</span>
              {link && <a className="row" href={link} target="_blank" rel="noreferrer" style={{ gap: 4 }}>{t("contact.openIn")} <Icon name="external" size={14} /></a>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Loads a contact by id and shows head and facts. */
export function ContactCard({ id, head = true }: { id: string; head?: boolean }) {
  const app = useApp();
  const { value, problem, reload } = useLoad(() => app.api.contacts.get(id), id);
  if (problem) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (!value) return <SkeletonRows rows={3} height={24} />;
  return (
    <div className="stack" style={{ gap: 12 }}>
      {head && <ContactHead contact={value} />}
      <ContactFacts contact={value} />
      {value.origins.length > 1 && <Origins contact={value} />}
    </div>
  );
}

/** One line about a past call: "Tuesday, Anna, 4 min: offer 2231". */
export function historyLine(entry: JournalEntry, texts: ReturnType<typeof useTexts>, now: number, by: string): string {
  const { format } = texts;
  const talk = entry.talk > 0 ? format.span(entry.talk) : outcomeWords(entry, texts);
  const what = entry.subject || entry.note.split("\n")[0] || "";
  return [[format.day(entry.started, now), by, talk].filter(Boolean).join(", "), what].filter(Boolean).join(": ");
}

/** The last calls with a party, of everybody who lets this person see them. A number that several contacts have is asked for as such. */
export function useHistory(party: Pick<PartyView, "canonical" | "number" | "alternatives">, contactId: string | null) {
  const app = useApp();
  const number = party.canonical || party.number;
  const query = contactId && party.alternatives === 0 ? { contact_id: contactId } : number ? { number } : null;
  return useLoad((signal) => (query ? app.api.journal.history(query, signal) : Promise.resolve({ items: [], next: null })), JSON.stringify(query));
}

interface HistoryProps {
  party: Pick<PartyView, "canonical" | "number" | "alternatives">;
  contactId: string | null;
  limit?: number;
  /** The call at hand, which is no history yet. */
  except?: { call_id: string; tracker: string };
}

export function History({ party, contactId, limit = 6, except }: HistoryProps) {
  const app = useApp();
  const texts = useTexts();
  const { t, format } = texts;
  const { value, problem, reload } = useHistory(party, contactId);
  if (problem) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (!value) return <SkeletonRows rows={3} height={28} />;
  const entries = lastContacts(value.items, except ?? null).slice(0, limit);
  if (entries.length === 0) return <p className="muted">{t("history.none")}</p>;
  const people = app.state.replica.state.people;
  return (
    <ul className="history">
      {entries.map((entry) => (
        <li key={entry.id}>
          <OutcomeIcon entry={entry} />
          <span style={{ minWidth: 0 }}>
            {outcomeWords(entry, texts)}
            {entry.user_id && people[entry.user_id] && <span className="muted"> · {people[entry.user_id]?.name}</span>}
            {(entry.subject || entry.note) && <div className="muted" style={{ overflowWrap: "anywhere" }}>{entry.subject || entry.note}</div>}
          </span>
          <span className="muted num" title={format.full(entry.started)}>
            {format.moment(entry.started, app.now())}
            {entry.talk > 0 && ` · ${format.span(entry.talk)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

const SAVE_AFTER_MS = 700;

/** A note that saves itself a moment after the last key, when left, and when the view goes away. */
export function AutosaveNote({ value, save, label, autoFocus }: { value: string; save: (text: string) => Promise<unknown>; label: string; autoFocus?: boolean }) {
  const { t } = useTexts();
  const [text, setText] = useState(value);
  const [state, setState] = useState<"saved" | "typing" | "saving">("saved");
  const [problem, setProblem] = useState<Problem | null>(null);
  const saved = useRef(value);
  const seen = useRef(value);
  const latest = useRef({ text, save, value });
  latest.current = { text, save, value };
  useEffect(() => {
    // Somebody else wrote: take it unless this person is typing.
    if (state !== "saved" || value === seen.current) return;
    seen.current = value;
    saved.current = value;
    setText(value);
  }, [value, state]);
  const flush = useRef(async () => {
    const { text: now, save: write } = latest.current;
    if (now === saved.current) return setState("saved");
    setState("saving");
    try {
      await write(now);
      saved.current = now;
      // What stood there before this was saved is nothing new, though the answer came before the stream's fact.
      seen.current = latest.current.value;
      setProblem(null);
      setState(latest.current.text === now ? "saved" : "typing");
    } catch (error) {
      setProblem(asProblem(error));
      setState("typing");
    }
  });
  useEffect(() => {
    if (text === saved.current) return undefined;
    const timer = setTimeout(() => void flush.current(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    const last = flush.current;
    return () => void last();
  }, []);
  return (
    <div className="stack note" style={{ gap: 4 }}>
      <textarea
        className="note-field" aria-label={label} placeholder={label} value={text} autoFocus={autoFocus}
        onChange={(event) => {
          setText(event.target.value);
          setState("typing");
        }}
        onBlur={() => void flush.current()}
      />
      {problem ? (
        <ProblemNotice problem={problem} onRetry={() => void flush.current()} />
      ) : (
        <span className="muted note-state" aria-live="polite">
          {state === "saving" ? t("note.saving") : state === "saved" && text !== "" ? t("note.saved") : ""}
        </span>
      )}
    </div>
  );
}
