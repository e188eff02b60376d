/** Pages of the journal for a question, growing as one scrolls, kept fresh by the stream. */
import { asProblem, type Problem } from "@core/api/problem";
import type { JournalEntry, Reach } from "@core/api/types";
import { type Filter, matches, merge } from "@core/journal";
import { useApp, useSelect } from "@ui/hooks";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

const PAGE = 60;

export interface Question {
  filters: readonly Filter[];
  scope: Reach;
  query: string;
}

interface Loaded {
  key: string;
  items: JournalEntry[];
  next: string | null;
}

export function useJournal(question: Question) {
  const app = useApp();
  const key = JSON.stringify(question);
  const epoch = useSelect((state) => state.replica.epoch);
  const live = useSelect((state) => state.replica.state.journal);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const busy = useRef(false);
  const ask = useCallback(
    (after: string | null, signal?: AbortSignal) => {
      const { filters, scope, query } = JSON.parse(key) as Question;
      return app.api.journal.list({ after, limit: PAGE, q: query.trim(), filter: filters.join(","), scope }, signal);
    },
    [app, key],
  );
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask(null, abort.signal).then(
        (page) => {
          setProblem(null);
          setLoaded({ key, items: page.items, next: page.next });
        },
        (error: unknown) => !abort.signal.aborted && setProblem(asProblem(error)),
      );
    }, 120);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [ask, key, round, epoch]);
  const more = useCallback(() => {
    if (busy.current || loaded?.key !== key || !loaded.next) return;
    busy.current = true;
    ask(loaded.next)
      .then(
        (page) => setLoaded((now) => (now?.key === key ? { key, items: [...now.items, ...page.items], next: page.next } : now)),
        (error: unknown) => setProblem(asProblem(error)),
      )
      .finally(() => {
        busy.current = false;
      });
  }, [ask, key, loaded]);
  const entries = useMemo(() => {
    const { filters, scope, query } = JSON.parse(key) as Question;
    return loaded ? merge(loaded.items, Object.values(live), (entry) => matches(entry, filters, scope, query)) : null;
  }, [loaded, live, key]);
  return { entries, problem, more, complete: loaded?.next === null, reload: () => setRound((value) => value + 1) };
}
