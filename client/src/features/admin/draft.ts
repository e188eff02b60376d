/** A form for something that others may change while it is filled: what they save stays, and comes beneath what was typed. */
import { difference, onTop, rebased, same } from "@core/diff";
import { useLanding } from "@ui/asking";
import { useState } from "react";

export function useDraft<Draft extends object, Body extends object>(stored: Draft, bodyOf: (draft: Draft) => Body) {
  const [draft, setDraft] = useState(stored);
  const own = bodyOf(draft);
  /** What was opened, or saved here, and what is stored by now. */
  const [seen, setSeen] = useState({ opened: own, base: draft });
  const [filled, setFilled] = useState(0);
  const land = useLanding(filled);
  const [taken, setTaken] = useState(stored);
  if (taken !== stored) {
    setTaken(stored);
    if (!same(bodyOf(seen.base), bodyOf(stored))) {
      setSeen({ ...seen, base: stored });
      setDraft(rebased(seen.base, draft, stored));
      setFilled(filled + 1);
    }
  }
  return {
    draft,
    /** Goes up with what others did: parts that keep what they show begin anew by this key. */
    filled,
    change: (next: Partial<Draft> | ((now: Draft) => Partial<Draft>)) => setDraft((now) => ({ ...now, ...(typeof next === "function" ? next(now) : next) })),
    /** What is sent: what was changed here, on what is stored by now. */
    merged: (stored: Draft | undefined): Body => onTop(bodyOf(seen.base), own, stored && bodyOf(stored)),
    /** What others have saved meanwhile. */
    theirs: difference(seen.opened, bodyOf(seen.base)).map(({ key }) => key),
    /** What has the focus once what others have saved is shown. */
    land,
    /** Fills the form from what was saved, but for what was typed since it was sent. */
    fill: (saved: Draft, sent: Body) => {
      const kept = bodyOf(saved);
      setSeen({ opened: kept, base: saved });
      if (!same(own, kept)) setDraft((now) => rebased(draft, now, saved));
      if (same(own, sent)) return;
      land("save");
      setFilled((count) => count + 1);
    },
  };
}
