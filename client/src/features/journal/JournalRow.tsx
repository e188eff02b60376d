/** One call of the journal: outcome in icon and words, who, when, how long; opened it shows its legs and the note. */
import { dial } from "@core/actions/calls";
import { markDone } from "@core/actions/own";
import type { JournalEntry } from "@core/api/types";
import { partyNumber, partySubtitle, partyTitle } from "@core/replica/selectors";
import { AutosaveNote } from "@ui/contact";
import { useAction, useApp, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { OutcomeIcon, outcomeWords, useDone } from "@ui/outcome";
import { ActionButton, PhoneNumber, ProblemNotice } from "@ui/parts";

interface RowProps {
  entry: JournalEntry;
  legs: readonly JournalEntry[];
  open: boolean;
  onToggle: () => void;
}

function useNames(entry: JournalEntry) {
  const { t } = useTexts();
  const people = useSelect((state) => state.replica.state.people);
  const own = useSelect((state) => state.replica.state.me.me);
  const title = partyTitle(entry.remote) || t(entry.remote.restricted ? "party.withheld" : "party.unknown");
  const owner = entry.user_id === own?.id || !entry.user_id ? "" : (people[entry.user_id]?.name ?? "");
  return { title, firm: partySubtitle(entry.remote), owner };
}

export function JournalRow({ entry, legs, open, onToggle }: RowProps) {
  const texts = useTexts();
  const { t, format } = texts;
  const { title, firm, owner } = useNames(entry);
  const done = useDone(entry, texts);
  const number = entry.remote.canonical || entry.remote.number;
  const whose = owner && t(`journal.of.${entry.direction}`, { name: owner });
  const about = [done, entry.queue, whose, entry.subject].filter(Boolean).join(" · ");
  return (
    <article className="journal-row" data-open={entry.open || undefined} data-expanded={open || undefined} data-testid="journal-row" data-outcome={entry.outcome}>
      <div className="journal-line">
        <button type="button" className="plain journal-main" data-roving aria-expanded={open} aria-label={`${title}, ${outcomeWords(entry, texts)}, ${format.full(entry.started)}`} onClick={onToggle}>
          <OutcomeIcon entry={entry} />
          <span className="journal-who">
            <span className="clip journal-name">{title}{firm && <span className="journal-firm"> · {firm}</span>}</span>
            <span className="clip muted journal-sub">
              <span className={entry.open ? "journal-missed" : undefined}>{outcomeWords(entry, texts)}</span>
              {about && ` · ${about}`}
            </span>
          </span>
          <span className="clip muted journal-note">{entry.note && <><Icon name="note" size={14} /> {entry.note}</>}</span>
          {legs.length > 0 && <span className="tag">{t("journal.legs", { count: legs.length })}</span>}
          <span className="num journal-time">
            {format.time(entry.started)}
            <span className="muted journal-talk">{entry.talk > 0 ? format.span(entry.talk) : ""}</span>
          </span>
        </button>
        <span className="row journal-actions">
          {(entry.open || entry.done_by) && (
            <ActionButton action={markDone} target={{ entry, done: entry.open }} title={entry.open ? "journal.markDone" : "journal.reopen"} pressed={!entry.open} />
          )}
          {number && <ActionButton action={dial} target={{ to: number }} className="tool call" label={t("journal.callBack", { name: title })} />}
        </span>
      </div>
      {open && <Detail entry={entry} legs={legs} />}
    </article>
  );
}

function Detail({ entry, legs }: { entry: JournalEntry; legs: readonly JournalEntry[] }) {
  const app = useApp();
  const texts = useTexts();
  const { t, format } = texts;
  const number = entry.remote.canonical || entry.remote.number;
  const line = useSelect((state) => state.replica.state.lines[entry.line_id]);
  const done = useAction(markDone, { entry, done: entry.open });
  const doneHow = useDone(entry, texts);
  return (
    <div className="journal-detail">
      <dl className="facts">
        {number && <><dt>{t("journal.number")}</dt><dd><PhoneNumber number={number} display={partyNumber(entry.remote)} /></dd></>}
        <dt>{t("journal.line")}</dt><dd>{[entry.line_number || line?.number, line?.name].filter(Boolean).join(" ")}</dd>
        {entry.redirecting && <><dt>{t("journal.redirected")}</dt><dd>{partyTitle(entry.redirecting)}</dd></>}
        <dt>{t("journal.started")}</dt><dd>{format.full(entry.started)}</dd>
        <dt>{t("journal.duration")}</dt><dd>{t("journal.durations", { total: format.span(entry.duration), talk: format.span(entry.talk) })}</dd>
        {entry.transferred_to && <><dt>{t("journal.handedTo")}</dt><dd>{partyTitle(entry.transferred_to)}</dd></>}
        {doneHow && <><dt>{t("journal.done")}</dt><dd>{doneHow}{entry.done_at && `, ${format.moment(entry.done_at, app.now())}`}</dd></>}
      </dl>
      <div className="stack">
        <AutosaveNote value={entry.note} save={(note) => app.api.journal.change(entry.id, { note })} label={t("note.placeholder")} />
        <div className="row wrap">
          {entry.remote.contact_id && (
            <button type="button" className="chip" onClick={() => app.go(`/contacts/${encodeURIComponent(entry.remote.contact_id ?? "")}`)}><Icon name="contacts" size={16} />{t("journal.showContact")}</button>
          )}
          {!entry.remote.contact_id && !entry.remote.user_id && number && (
            <button type="button" className="chip" onClick={() => app.go(`/contacts/new?number=${encodeURIComponent(number)}`)}><Icon name="userPlus" size={16} />{t("contact.createFrom")}</button>
          )}
          {entry.open && <button type="button" className="chip" aria-disabled={done.refusal ? true : undefined} onClick={() => void done.run()}><Icon name="check" size={16} />{t("journal.markDone")}</button>}
        </div>
        {done.problem && <ProblemNotice problem={done.problem} actionKeys={[done.key]} />}
      </div>
      {legs.length > 0 && (
        <section className="journal-legs" aria-label={t("journal.otherLegs")}>
          <h3>{t("journal.otherLegs")}</h3>
          <ul className="history">
            {legs.map((leg) => (
              <li key={leg.id}>
                <OutcomeIcon entry={leg} />
                <LegWords leg={leg} words={outcomeWords(leg, texts)} />
                <span className="muted num">{format.time(leg.started)}{leg.talk > 0 && ` · ${format.span(leg.talk)}`}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** Who called whom, each by name. */
function LegWords({ leg, words }: { leg: JournalEntry; words: string }) {
  const { title, owner } = useNames(leg);
  const own = useSelect((state) => state.replica.state.me.me?.name);
  const line = useSelect((state) => state.replica.state.lines[leg.line_id]?.name);
  const ours = owner || (leg.mine && own) || line || leg.line_number;
  const [from, to] = leg.direction === "outbound" ? [ours, title] : [title, ours];
  return <span>{from} → {to} <span className="muted">· {words}</span></span>;
}
