/** A form for something that others may change while it is filled: what they had saved before stays, and is shown once this is saved. */
import { onTop, rebased, same } from "@core/admin/diff";
import { useLanding } from "@ui/asking";
import { useRef, useState } from "react";

export function useDraft<Draft extends object, Body extends object>(first: () => Draft, bodyOf: (draft: Draft) => Body) {
  const [draft, setDraft] = useState(first);
  const own = bodyOf(draft);
  const seen = useRef(own);
  const [filled, setFilled] = useState(0);
  const land = useLanding(filled);
  return {
    draft,
    /** Goes up with what others did: parts that keep what they show begin anew by this key, and the focus lands on "save". */
    filled,
    change: (next: Partial<Draft> | ((now: Draft) => Partial<Draft>)) => setDraft((now) => ({ ...now, ...(typeof next === "function" ? next(now) : next) })),
    /** What is sent: what was changed here, on what is stored by now. */
    merged: (stored: Draft | undefined): Body => onTop(seen.current, own, stored && bodyOf(stored)),
    /** Fills the form from what was saved, but for what was typed since it was sent. */
    fill: (saved: Draft, sent: Body) => {
      seen.current = bodyOf(saved);
      if (!same(own, seen.current)) setDraft((now) => rebased(draft, now, saved));
      if (same(own, sent)) return;
      land("save");
      setFilled((count) => count + 1);
    },
  };
}
