/** "3 people lose line 101", then field by field: what saving will change, before it is saved. */
import { type Change, listDifference } from "@core/diff";
import type { Key } from "@core/i18n/translate";
import { useTexts } from "./hooks";

/** A table, or a list of rows: what changed in it is seen in the form. */
const isNested = (value: unknown): boolean => (Array.isArray(value) ? value.some(isNested) : typeof value === "object" && value !== null);

/** What a value is called; and how it is shown, if not as it is. */
export interface Named {
  key: string;
  label: Key;
  kind?: string;
  options?: readonly { value: string; label: string }[];
  /** What null means, if it is not "nothing". */
  nothing?: Key;
}

/** So much of a text is enough to know which it is. */
const MOST_SHOWN = 200;
const shortened = (text: string): string => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);

interface ListProps {
  changes: readonly Change[];
  fields: readonly Named[];
  /** What it means for people, in words. */
  effects?: readonly string[];
  /** What it is about, if not what will change. */
  title?: string;
}

export function DifferenceList({ changes, fields, effects = [], title }: ListProps) {
  const { t, format } = useTexts();
  const field = (key: string) => fields.find((each) => each.key === key);
  const label = (key: string, value: unknown): string => field(key)?.options?.find((option) => option.value === value)?.label ?? shortened(String(value));
  const words = ({ key, before, after }: Change): string => {
    if (field(key)?.kind === "password") return t("diff.changed");
    const nothing = field(key)?.nothing;
    if (nothing && (before === null || after === null)) {
      const whole = (value: unknown) => (value === null ? t(nothing) : format.list((value as unknown[]).map((item) => label(key, item))) || "–");
      return t("diff.fromTo", { before: whole(before), after: whole(after) });
    }
    if ([before, after].some(isNested)) return t("diff.changed");
    if (Array.isArray(before) || Array.isArray(after)) {
      const { added, removed } = listDifference(before, after);
      const names = (list: unknown[]) => format.list(list.map((item) => label(key, item)));
      return [removed.length > 0 && t("diff.removes", { names: names(removed) }), added.length > 0 && t("diff.adds", { names: names(added) })].filter(Boolean).join("; ");
    }
    if (typeof after === "boolean") return t(after ? "diff.on" : "diff.off");
    return t("diff.fromTo", { before: before ? label(key, before) : "–", after: after ? label(key, after) : "–" });
  };
  return (
    <section className="notice" aria-label={title ?? t("diff.title")}>
      <div>
        {title && <strong>{title}</strong>}
        <ul className="diff">
          {effects.map((effect) => <li key={effect} className="diff-effect"><strong>{effect}</strong></li>)}
          {changes.map((change) => {
            const spec = field(change.key);
            return <li key={change.key}><strong>{spec ? t(spec.label) : change.key}</strong>: {words(change)}</li>;
          })}
        </ul>
      </div>
    </section>
  );
}
