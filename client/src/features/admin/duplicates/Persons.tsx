/** People of several books with their entries; an entry is split off, or another one joined. */
import { nextPersons, type PersonPage } from "@core/admin/duplicates";
import type { Hit, PersonEntry, PersonView } from "@core/api/types";
import { Avatar } from "@ui/Avatar";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { EmptyState, ProblemNotice, SkeletonRows } from "@ui/parts";
import { useSearch, Why } from "@ui/search";
import { Button } from "@mantine/core";
import { Fragment, useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "@core/api/problem";

/** The ids of two entries. */
export type Pair = readonly [string, string];

interface PersonsProps {
  round: number;
  names: (book: string) => string;
  onDecide: (pairs: readonly Pair[], joined: boolean, words: string) => void;
}

export function Persons({ round, names, onDecide }: PersonsProps) {
  const app = useApp();
  const { t } = useTexts();
  const [query, setQuery] = useState("");
  const [more, setMore] = useState<PersonPage | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { value, problem: failed, reload } = useLoad((signal) => app.api.admin.duplicates.persons(query, "", signal), `${query}|${round}`);
  const going = useRef<AbortController | null>(null);
  /** Pages of what was asked before are not wanted any more. */
  useEffect(() => {
    setMore(null);
    return () => going.current?.abort();
  }, [query, round]);
  const items = [...(value?.items ?? []), ...(more?.items ?? [])];
  const next = more ? more.next : value?.next;
  const [looking, setLooking] = useState(false);
  const goOn = async () => {
    const { signal } = (going.current = new AbortController());
    const told = (page: PersonPage) => setMore((now) => ({ items: [...(now?.items ?? []), ...page.items], next: page.next }));
    setLooking(true);
    try {
      await nextPersons((at) => app.api.admin.duplicates.persons(query, at, signal), next ?? "", told, signal);
    } catch (error) {
      if (!signal.aborted) setProblem(asProblem(error));
    }
    setLooking(false);
  };
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("duplicates.persons")}>
      <div className="row wrap">
        <h2 className="grow" style={{ flexShrink: 0 }}>{t("duplicates.persons")}</h2>
        <input className="filter" type="search" aria-label={t("duplicates.find")} placeholder={t("duplicates.find")} value={query} onChange={(event) => setQuery(event.target.value)} />
      </div>
      {failed && <ProblemNotice problem={failed} onRetry={reload} />}
      {problem && <ProblemNotice problem={problem} />}
      {!value && !failed && <SkeletonRows rows={3} height={72} />}
      {value && items.length === 0 && !next && <EmptyState icon="check" title={t(query ? "search.nothing" : "duplicates.none", { query })}>{!query && t("duplicates.noneText")}</EmptyState>}
      <ul className="persons">{items.map((person) => <Person key={person.entries[0]?.contact_id} person={person} names={names} onDecide={onDecide} />)}</ul>
      {next && <Button variant="default" loading={looking} style={{ alignSelf: "center" }} onClick={() => void goOn()}>{t("duplicates.more")}</Button>}
      <Join onDecide={onDecide} />
    </section>
  );
}

/** Pieces in one line; where it is too short a line ends between two of them, not within a number. */
function About({ pieces }: { pieces: readonly string[] }) {
  const last = pieces.length - 1;
  return <span className="about">{pieces.map((piece, at) => <Fragment key={at}><span>{at < last ? `${piece} ·` : piece}</span>{" "}</Fragment>)}</span>;
}

function Person({ person, names, onDecide }: { person: PersonView } & Pick<PersonsProps, "names" | "onDecide">) {
  const { t, word } = useTexts();
  const [first] = person.entries;
  if (!first) return null;
  const split = (entry: PersonEntry) => {
    // Whatever joins it, this entry stands for itself from now on: it is told apart from every other one.
    const pairs = person.entries.filter((each) => each !== entry).map((other): Pair => [entry.contact_id, other.contact_id]);
    onDecide(pairs, false, t("duplicates.isSplit", { name: entry.title, book: names(entry.book) }));
  };
  return (
    <li className="person">
      <Avatar name={first.title} size={36} />
      <div className="grow stack" style={{ gap: 4 }}>
        <strong>{first.title}</strong>
        <ul className="plain-list entries" aria-label={first.title}>
          {person.entries.map((entry) => (
            <li key={entry.contact_id}>
              <span className="tag">{names(entry.book)}</span>
              <About pieces={[entry.title, entry.subtitle, ...entry.numbers, ...entry.emails].filter(Boolean)} />
              {entry.reason && (
                <span className="row wrap">
                  <span className="tag accent">{word("duplicates.rule", entry.reason)}</span>
                  <button type="button" className="chip" onClick={() => split(entry)}>{t("duplicates.doSplit")}<span className="sr"> {entry.title} ({names(entry.book)})</span></button>
                </span>
              )}
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
}

/** Joins two entries that no rule finds. */
function Join({ onDecide }: Pick<PersonsProps, "onDecide">) {
  const { t } = useTexts();
  const [one, setOne] = useState<Hit | null>(null);
  const [other, setOther] = useState<Hit | null>(null);
  const join = () => {
    if (one && other) onDecide([[one.id, other.id]], true, t("duplicates.isJoined", { one: one.title, other: other.title }));
    setOne(null);
    setOther(null);
  };
  return (
    <details>
      <summary>{t("duplicates.join")}</summary>
      <div className="two" style={{ marginTop: 12 }}>
        <Entry label={t("duplicates.one")} value={one} onPick={setOne} />
        <Entry label={t("duplicates.other")} value={other} onPick={setOther} />
      </div>
      <div className="row" style={{ justifyContent: "flex-end", marginTop: 12 }}><Button disabled={!one || !other || one.id === other.id} onClick={join}>{t("duplicates.doJoin")}</Button></div>
    </details>
  );
}

function Entry({ label, value, onPick }: { label: string; value: Hit | null; onPick: (hit: Hit | null) => void }) {
  const { t } = useTexts();
  const [query, setQuery] = useState("");
  const found = useSearch(query, 8);
  const hits = query.trim() ? found.hits.filter((hit) => hit.kind === "contact") : [];
  const about = (hit: Hit) => [hit.title, hit.subtitle, hit.numbers[0]?.display].filter(Boolean).join(" · ");
  if (value) return <div className="row wrap"><span className="field-label">{label}</span><span className="grow">{about(value)}</span><button type="button" className="chip" onClick={() => onPick(null)}>{t("duplicates.another")}</button></div>;
  return (
    <div className="stack">
      <label className="stack" style={{ gap: 4 }}><span className="field-label">{label}</span><input className="filter wide" type="search" value={query} placeholder={t("contact.search")} onChange={(event) => setQuery(event.target.value)} /></label>
      {found.waiting && <p className="muted" role="status">{t("search.waiting")}</p>}
      {hits.length > 0 && <ul className="plain-list" aria-label={label}>{hits.map((hit) => <li key={hit.id}><button type="button" className="plain grow" onClick={() => { onPick(hit); setQuery(""); }}>{about(hit)} <Why hit={hit} query={query} /></button></li>)}</ul>}
    </div>
  );
}
