/** Search as you type: what is here at once, the server's answer 120 ms later. */
import { asProblem } from "@core/api/problem";
import type { Hit, Person } from "@core/api/types";
import { looksLikeNumber, looksLikeWord, unwrapLink } from "@core/phone/dialtext";
import { colleagues, sameList } from "@core/replica/selectors";
import { findPeople, numbersOf, seenIn, unseenReason, withoutPeople } from "@core/search/find";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Avatar } from "./Avatar";
import { useApp, useSelect, useTexts } from "./hooks";
import { Icon } from "./Icon";

const DELAY_MS = 120;
/** After so long contacts that are being made ready are asked for again. */
const AGAIN_MS = 5000;
/** For so long nobody can have seen what has come. */
const UNSEEN_MS = 250;

interface Answer {
  query: string;
  hits: Hit[];
  waiting: boolean;
  failed: boolean;
}

const NO_ANSWER: Answer = { query: "", hits: [], waiting: false, failed: false };

export interface Found {
  people: Person[];
  hits: Hit[];
  searching: boolean;
  /** Contacts are being made ready: what was not found may be there in a moment. */
  waiting: boolean;
  /** The server was not reached: there may be more. */
  failed: boolean;
}

/** People of the replica and hits of the server for a query; empty for an empty query. */
export function useSearch(query: string, limit = 20): Found {
  const app = useApp();
  const { locale } = useTexts();
  const everybody = useSelect((state) => colleagues(state.replica.state, locale), sameList);
  const [answer, setAnswer] = useState(NO_ANSWER);
  const text = query.trim();
  useEffect(() => {
    if (!text) return undefined;
    const abort = new AbortController();
    let timer = 0;
    const take = (answered: Omit<Answer, "query">) => {
      if (abort.signal.aborted) return;
      setAnswer({ query: text, ...answered });
      if (answered.waiting || answered.failed) timer = window.setTimeout(ask, AGAIN_MS);
    };
    const ask = () => {
      app.api.search(text, limit, abort.signal).then(
        (page) => take({ hits: page.items, waiting: page.waiting, failed: false }),
        (error: unknown) => {
          const waiting = asProblem(error).code === "contacts-not-ready";
          take({ hits: [], waiting, failed: !waiting });
        },
      );
    };
    timer = window.setTimeout(ask, DELAY_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [app, text, limit]);
  const people = useMemo(() => (text ? findPeople(everybody, text) : []), [everybody, text]);
  // Of what was found for the beginning, whoever still fits stays until the rest is answered: Enter must call nobody who was not meant.
  const begun = answer.query !== "" && text.startsWith(answer.query) ? answer.hits : [];
  const fitting = text === answer.query ? begun : begun.filter((hit) => seenIn(hit, text));
  const answered = text !== "" && text === answer.query;
  return { people, hits: withoutPeople(fitting, people), searching: text !== "" && !answered, waiting: answered && answer.waiting, failed: answered && answer.failed };
}

/**
 * Whether somebody can have seen the row that is marked: not if an answer has put it in the place of another just now. Enter does nothing
 * then, for it was meant for the other one.
 */
export function useSeen(row: string | undefined, typed: string, marked: number): boolean {
  const before = useRef({ row, typed, marked });
  const [unseen, setUnseen] = useState<string | undefined>(undefined);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = { row, typed, marked };
    const exchanged = row !== was.row && typed === was.typed && marked === was.marked;
    setUnseen(exchanged ? row : undefined);
    const timer = window.setTimeout(() => setUnseen(undefined), UNSEEN_MS);
    return () => clearTimeout(timer);
  }, [row, typed, marked]);
  return row !== undefined && row !== unseen;
}

/** What the list cannot show yet, in words. */
export function Missing({ found, query, empty }: { found: Found; query: string; empty: boolean }) {
  const { t } = useTexts();
  if (found.waiting || found.failed) return <p className="muted missing" role="status">{t(found.waiting ? "search.waiting" : "search.failed")}</p>;
  if (query.trim() === "" || !empty || found.searching) return null;
  return <p className="muted missing">{t("search.nothing", { query })}</p>;
}

export interface Choice {
  id: string;
  title: string;
  subtitle: string;
  number: string;
  display: string;
  hit?: Hit;
}

/** Why something was found, where what is shown of it does not tell. */
export function Why({ hit, query }: { hit: Hit; query: string }) {
  const { t } = useTexts();
  const reason = unseenReason(hit, query);
  return reason && <span className="muted why">{t(reason)}</span>;
}

/** Whom to call: people and contacts with each of their numbers, and the typed number itself. */
function choices(query: string, { people, hits }: Found, dialWords: string): Choice[] {
  const typed = { id: "typed", title: unwrapLink(query), subtitle: dialWords, number: unwrapLink(query), display: "" };
  const fromPeople = people
    .filter((person) => person.number)
    .map((person) => ({
      id: `person:${person.id}`, title: person.name, subtitle: person.department ?? "", number: person.number ?? "", display: person.number ?? "",
    }));
  const fromHits = hits.flatMap((hit) =>
    numbersOf(hit, query).map((number) => ({
      id: `${hit.kind}:${hit.id}:${number.canonical}`, title: hit.title, subtitle: hit.subtitle, number: number.canonical, display: number.display, hit,
    })),
  );
  // What may be a name too comes behind whoever is called so.
  return [...(looksLikeNumber(query) ? [typed] : []), ...fromPeople, ...fromHits, ...(looksLikeWord(query) ? [typed] : [])];
}

interface WhoProps {
  label: string;
  /** What stands in the empty field, if not the label. */
  placeholder?: string;
  onChoose: (number: string) => void;
  onCancel?: () => void;
  autoFocus?: boolean;
}

/** A field for a name or number with suggestions; Enter takes the marked one. */
export function WhoField({ label, placeholder, onChoose, onCancel, autoFocus }: WhoProps) {
  const { t } = useTexts();
  const [query, setQuery] = useState("");
  const [marked, setMarked] = useState(0);
  const found = useSearch(query, 8);
  const list = choices(query, found, t("search.dialTyped"));
  const id = useId();
  const at = Math.min(marked, Math.max(0, list.length - 1));
  const seen = useSeen(list[at]?.id, query, marked);
  const keyDown = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setMarked((at + (event.key === "ArrowDown" ? 1 : list.length - 1)) % Math.max(1, list.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      const choice = list[at];
      if (choice && seen) onChoose(choice.number);
    } else if (event.key === "Escape" && onCancel) {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    }
  };
  return (
    <div className="suggest">
      <div className="row who-field">
        <Icon name="search" size={16} />
        <input
          role="combobox" aria-label={label} aria-expanded={list.length > 0} aria-controls={id} aria-autocomplete="list"
          aria-activedescendant={list[at] ? `${id}-${at}` : undefined} placeholder={placeholder ?? label} value={query} autoFocus={autoFocus} autoComplete="off"
          onChange={(event) => {
            setQuery(event.target.value);
            setMarked(0);
          }}
          onKeyDown={keyDown}
        />
        {onCancel && (
          <button type="button" className="tool" aria-label={t("action.cancel")} onClick={onCancel}>
            <Icon name="close" size={16} />
          </button>
        )}
      </div>
      <ul role="listbox" id={id} aria-label={label} hidden={list.length === 0}>
        {list.map((choice, index) => (
          <li
            key={choice.id} id={`${id}-${index}`} role="option" aria-selected={index === at}
            onMouseEnter={() => setMarked(index)} onMouseDown={(event) => event.preventDefault()} onClick={() => onChoose(choice.number)}
          >
            <Avatar name={choice.title} size={24} />
            <span className="grow clip">
              {choice.title} <span className="muted">{choice.subtitle}</span>
            </span>
            <span className="num muted">{choice.display} {choice.hit && <Why hit={choice.hit} query={query} />}</span>
          </li>
        ))}
      </ul>
      <Missing found={found} query={query} empty={list.length === 0} />
    </div>
  );
}
