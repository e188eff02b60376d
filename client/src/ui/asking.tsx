/** What cannot be done by one click alone, and where the focus goes when what had it is gone. */
import { useTexts } from "./hooks";
import { Icon } from "./Icon";
import { Button } from "@mantine/core";
import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from "react";

interface AskedProps {
  /** What stands on the button that asks: "Delete" unless said otherwise. */
  label?: string;
  /** Tells this button from others of the same name. */
  name?: string;
  /** Where the focus may go by. */
  id?: string;
  /** "Really delete ...". */
  sure: string;
  /** What would happen. */
  children?: ReactNode;
  onSure: () => void;
}

/** A button that asks before it acts. The focus goes to the way back, and from there to the button again. */
export function AskedFirst({ label, name, id, sure, children, onSure }: AskedProps) {
  const { t } = useTexts();
  const [asking, setAsking] = useState<boolean | null>(null);
  const words = useId();
  const title = label ?? t("action.delete");
  // The first time this stands there it was not asked from: it takes the focus from nobody.
  if (!asking) return <button type="button" className="tool" {...(id && landing(id))} aria-label={name} autoFocus={asking === false} onClick={() => setAsking(true)}><Icon name="trash" size={16} />{title}</button>;
  return (
    <div className="notice warning asked" role="group" {...(children ? { "aria-labelledby": words } : { "aria-label": sure })}>
      {children && <div id={words} className="grow asked-words">{children}</div>}
      <Button color="red" variant="light" onClick={onSure}>{sure}</Button>
      <Button variant="default" autoFocus onClick={() => setAsking(false)}>{t("action.cancel")}</Button>
    </div>
  );
}

/** Marks what may have the focus by a name. */
export const landing = (name: string) => ({ "data-landing": name });

/** For lists: give names in order of preference, and as soon as the list has been read anew the first that is there has the focus. */
export function useLanding(read: unknown): (...names: readonly string[]) => void {
  const wanted = useRef<readonly string[]>([]);
  useEffect(() => {
    const found = wanted.current.map((name) => document.querySelector<HTMLElement>(`[data-landing="${CSS.escape(name)}"]`)).find(Boolean);
    wanted.current = [];
    found?.focus();
  }, [read]);
  return useCallback((...names) => {
    wanted.current = names;
  }, []);
}

/** The ids beside those that go: the one behind, else the one before. */
export function besides(items: readonly { id: string }[], gone: ReadonlySet<string>): string[] {
  const last = items.findLastIndex((item) => gone.has(item.id));
  const stay = (some: readonly { id: string }[]) => some.filter((item) => !gone.has(item.id)).map((item) => item.id);
  return [...stay(items.slice(last + 1)).slice(0, 1), ...stay(items.slice(0, Math.max(0, last))).slice(-1)];
}
