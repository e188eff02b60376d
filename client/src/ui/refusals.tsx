/** Refusals beside what was asked; and over the page those whose place is gone, because a palette or a menu has closed. */
import { byText } from "@core/actions/action";
import type { Problem } from "@core/api/problem";
import { Store } from "@core/store";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { useProblemText, useSelect } from "./hooks";
import { ProblemNotice } from "./parts";

type Mine = (key: string) => boolean;
type Entries = readonly (readonly [string, Problem])[];

/** The places on the page that show refusals now. */
const places = new Store<readonly Mine[]>([]);
/** Actions that are started from where nothing stays: palette, menus, links, keys. */
const STRAY = /^(dial|call\.\w+|line\.groupPickUp):/;

const sameEntries = (a: Entries, b: Entries): boolean => a.length === b.length && a.every(([key, value], i) => b[i]?.[0] === key && b[i]?.[1] === value);

/** The refusals of the actions that `mine` names; while this is on the page, they are shown here alone. */
export function Refusals({ mine }: { mine: Mine }) {
  const latest = useRef(mine);
  latest.current = mine;
  useEffect(() => {
    const place: Mine = (key) => latest.current(key);
    places.update((all) => [...all, place]);
    return () => places.update((all) => all.filter((other) => other !== place));
  }, []);
  const refused = useSelect((state) => Object.entries(state.refused).filter(([key]) => mine(key)), sameEntries);
  return <Once refused={refused} />;
}

/** The refusals that nobody else shows. */
export function StrayRefusals() {
  const elsewhere = useSyncExternalStore(places.subscribe, places.get);
  const all = useSelect((state) => state.refused);
  const stray = Object.entries(all).filter(([key]) => STRAY.test(key) && !elsewhere.some((mine) => mine(key)));
  if (stray.length === 0) return null;
  return <div className="stray-refusals"><Once refused={stray} /></div>;
}

/** What several refusals say alike stands there once; where it is said again, it is announced again: the notice is a new one. */
function Once({ refused }: { refused: Entries }) {
  const problemText = useProblemText();
  return <>{byText(refused, problemText).map(({ keys, problem }) => <ProblemNotice key={keys.at(-1)} problem={problem} actionKeys={keys} />)}</>;
}
