/** React's ends of the core: state, texts, actions, time and width. */
import { type Action, pendingKey, perform, type Refusal, whyNot } from "@core/actions/action";
import { asProblem, type Problem } from "@core/api/problem";
import type { Locale, PartyView } from "@core/api/types";
import type { AppState, Unisono } from "@core/app";
import { withChoice } from "@core/choices";
import { type Format, formats } from "@core/i18n/format";
import { loadCatalogue, loadLater } from "@core/i18n/load";
import { type Catalogue, isKey, type Key, type LaterCatalogue, type Loaded, type Parameters, type Translate, translator } from "@core/i18n/translate";
import { ringingCalls } from "@core/replica/selectors";
import { readSettings, type Settings } from "@core/settings";
import { Overtaking } from "@core/overtaking";
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

const AppContext = createContext<Unisono | null>(null);

export interface Texts {
  locale: Locale;
  t: Translate;
  format: Format;
  /** A text whose key was built from a word of the server; the word itself when there is no such text. */
  word: (prefix: string, value: string, parameters?: Parameters) => string;
  /** Whether there is a text for this key. */
  has: (key: string) => key is Key;
  catalogue: Loaded;
}

function textsOf(locale: Locale, catalogue: Loaded): Texts {
  const t = translator(locale, catalogue);
  const has = (key: string): key is Key => isKey(catalogue, key);
  const word = (prefix: string, value: string, parameters?: Parameters) => {
    const key = `${prefix}.${value}`;
    return has(key) ? t(key, parameters) : value;
  };
  return { locale, t, format: formats(locale), word, has, catalogue };
}

const TextContext = createContext<Texts | null>(null);

export function AppProvider({ app, children }: { app: Unisono; children: ReactNode }) {
  return <AppContext value={app}>{children}</AppContext>;
}

/** Loads the catalogue of a locale; keeps showing the one before until the new one is there. */
export function TextProvider({ locale, children }: { locale: Locale; children: ReactNode }) {
  const [loaded, setLoaded] = useState<{ locale: Locale; catalogue: Catalogue } | null>(null);
  useEffect(() => {
    let current = true;
    void loadCatalogue(locale).then((catalogue) => {
      if (!current) return;
      document.documentElement.lang = locale;
      setLoaded({ locale, catalogue });
    });
    return () => {
      current = false;
    };
  }, [locale]);
  const texts = useMemo(() => (loaded ? textsOf(loaded.locale, loaded.catalogue) : null), [loaded]);
  return texts ? <TextContext value={texts}>{children}</TextContext> : null;
}

/** The texts of pages that few people open, fetched with them. */
export function LaterTexts({ children, fallback }: { children: ReactNode; fallback: ReactNode }) {
  const { locale, catalogue } = useTexts();
  const [later, setLater] = useState<{ locale: Locale; catalogue: LaterCatalogue } | null>(null);
  useEffect(() => {
    let current = true;
    void loadLater(locale).then((loaded) => current && setLater({ locale, catalogue: loaded }));
    return () => {
      current = false;
    };
  }, [locale]);
  const texts = useMemo(() => (later?.locale === locale ? textsOf(locale, { ...catalogue, ...later.catalogue }) : null), [locale, catalogue, later]);
  return texts ? <TextContext value={texts}>{children}</TextContext> : fallback;
}

export function useApp(): Unisono {
  const app = use(AppContext);
  if (!app) throw new Error("no AppProvider above");
  return app;
}

export function useTexts(): Texts {
  const texts = use(TextContext);
  if (!texts) throw new Error("no TextProvider above");
  return texts;
}

/** A part of the state; the component renders again only when `same` says it changed. */
export function useSelect<T>(select: (state: AppState) => T, same: (a: T, b: T) => boolean = Object.is): T {
  const app = useApp();
  const last = useRef<{ value: T } | null>(null);
  const read = () => {
    const value = select(app.store.get());
    if (last.current && same(last.current.value, value)) return last.current.value;
    last.current = { value };
    return value;
  };
  return useSyncExternalStore(app.store.subscribe, read);
}

export function useSettings(): Settings {
  const raw = useSelect((state) => (state.replica.state.me.me ?? state.session?.user)?.settings);
  return useMemo(() => readSettings(raw), [raw]);
}

/** A party as this person chose to see it, where a number has several contacts. */
export function useChosen(party: PartyView): PartyView {
  const { chosenContacts } = useSettings();
  return useMemo(() => withChoice(party, chosenContacts), [party, chosenContacts]);
}

export function useMe() {
  return useSelect((state) => state.replica.state.me.me ?? state.session?.user ?? null);
}

/** Above the banner of a ringing call, for what is opened while it rings; what was open before stays below it. */
export function useLayer(open: boolean): { zIndex?: number } {
  const app = useApp();
  return useMemo(() => (open && ringingCalls(app.state.replica.state).length > 0 ? { zIndex: 450 } : {}), [app, open]);
}

export interface Bound {
  run: () => Promise<boolean>;
  refusal: Refusal | null;
  pending: boolean;
  problem: Problem | null;
  key: string;
}

/** An action with its target, ready for a button. */
export function useAction<T>(action: Action<T>, target: T): Bound {
  const app = useApp();
  const key = pendingKey(action, target);
  const sameRefusal = (a: Refusal | null, b: Refusal | null) => a?.key === b?.key;
  const refusal = useSelect((state) => whyNot(action, state, target), sameRefusal);
  const pending = useSelect((state) => state.pending[key] ?? false);
  const problem = useSelect((state) => state.refused[key] ?? null);
  const run = useCallback(() => perform(app, action, target), [app, action, target]);
  return { run, refusal, pending, problem, key };
}

/** Runs any action with any target; for lists and keys. */
export function usePerform() {
  const app = useApp();
  return useCallback(<T,>(action: Action<T>, target: T) => perform(app, action, target), [app]);
}

const tickers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | null = null;

function subscribeTick(listener: () => void): () => void {
  tickers.add(listener);
  ticking ??= setInterval(() => {
    for (const each of [...tickers]) each();
  }, 1000);
  return () => {
    tickers.delete(listener);
    if (tickers.size === 0 && ticking !== null) {
      clearInterval(ticking);
      ticking = null;
    }
  };
}

/** The server's time in ms, to the second; one timer for the whole page. */
export function useNow(): number {
  const app = useApp();
  return useSyncExternalStore(subscribeTick, () => Math.floor(app.now() / 1000) * 1000);
}

export type Width = "phone" | "half" | "full";

function widthNow(): Width {
  if (window.innerWidth < 700) return "phone";
  return window.innerWidth < 1180 ? "half" : "full";
}

function subscribeWidth(listener: () => void): () => void {
  window.addEventListener("resize", listener);
  return () => window.removeEventListener("resize", listener);
}

export function useWidth(): Width {
  return useSyncExternalStore(subscribeWidth, widthNow);
}

/** A failure in the reader's words: what is wrong with a value, the text of its code, else what the server said, else who has to act. */
export function useProblemText(): (problem: Problem) => string {
  const { t, has } = useTexts();
  return useCallback(
    (problem) => {
      const keys = [typeof problem.data.problem === "string" ? `error.value.${problem.data.problem}` : "", `error.${problem.code}`];
      const parameters = Object.fromEntries(
        Object.entries(problem.data).filter((item): item is [string, string | number] => ["string", "number"].includes(typeof item[1])),
      );
      const known = keys.find(has);
      const why = `location.problem.${String(problem.data.reason ?? "")}`;
      if (known) return [t(known as Key, parameters), has(why) && t(why)].filter(Boolean).join(" ");
      return problem.detail || t(`error.culprit.${problem.culprit}`);
    },
    [t, has],
  );
}

/** Loads something for a view; keeps the old answer while a new one is under way. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, key: string): { value: T | null; problem: Problem | null; reload: () => void } {
  const [answer, setAnswer] = useState<{ key: string; value: T } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const [order] = useState(() => new Overtaking());
  useEffect(() => {
    const abort = new AbortController();
    const question = order.ask();
    latest.current(abort.signal).then(
      (value) => {
        if (!order.takes(question)) return;
        setProblem(null);
        setAnswer({ key, value });
      },
      (error: unknown) => {
        if (!abort.signal.aborted && order.takes(question)) setProblem(asProblem(error));
      },
    );
    return () => abort.abort();
  }, [key, order, round]);
  const reload = useCallback(() => setRound((value) => value + 1), []);
  return { value: answer?.key === key ? answer.value : null, problem, reload };
}

/** Loads again when the stream says that people, groups or what they may see of each other has changed. */
export function useFollowPeople(reload: () => void): void {
  const people = useSelect((state) => state.replica.state.people);
  const before = useRef(people);
  useEffect(() => {
    if (before.current !== people) reload();
    before.current = people;
  }, [people, reload]);
}
