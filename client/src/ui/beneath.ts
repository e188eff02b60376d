/** A form on top of something that others may save while it is filled. */
import { type Change, difference, rebased, same } from "@core/diff";
import { type SetStateAction, useState } from "react";

interface Filled<T> {
  value: T;
  setValue: (next: SetStateAction<T>) => void;
  /** What somebody else has changed since the form was opened, and how. */
  theirs: Change[];
}

/** What others have saved comes beneath what was typed. */
export function useBeneath<T extends object>(stored: T): Filled<T> {
  const [opened] = useState(stored);
  const [base, setBase] = useState(stored);
  const [value, setValue] = useState(stored);
  if (!same(base, stored)) {
    setBase(stored);
    setValue(rebased(base, value, stored));
  }
  return { value, setValue, theirs: difference(opened, stored) };
}

/** What was opened as it is stored by now; as it was, if it is gone. */
export const newest = <T extends { id: string }>(opened: T, items: readonly T[] | undefined): T => items?.find((each) => each.id === opened.id) ?? opened;
