/** "3 people lose line 101", then field by field: what saving will change, before it is saved. */
import { type Change, listDifference } from "@core/admin/diff";
import { useTexts } from "@ui/hooks";
import type { FieldSpec } from "./RecordForm";

/** A table, or a list of rows: what changed in it is seen in the form. */
const isNested = (value: unknown): boolean => (Array.isArray(value) ? value.some(isNested) : typeof value === "object" && value !== null);

interface ListProps {
  changes: readonly Change[];
  fields: readonly FieldSpec[];
  /** What it means for people, in words. */
  effects: readonly string[];
  /** What it is about, if not what will change. */
  title?: string;
}

export function DifferenceList({ changes, fields, effects, title }: ListProps) {
  const { t, format } = useTexts();
  const field = (key: string) => fields.find((each) => each.key === key);
  const label = (key: string, value: unknown): string => field(key)?.options?.find((option) => option.value === value)?.label ?? String(value);
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
      {title && <strong>{title}</strong>}
      <ul className="diff">
        {effects.map((effect) => <li key={effect} className="diff-effect"><strong>{effect}</strong></li>)}
        {changes.map((change) => {
          const spec = field(change.key);
          return <li key={change.key}><strong>{spec ? t(spec.label) : change.key}</strong>: {words(change)}</li>;
        })}
      </ul>
    </section>
  );
}
