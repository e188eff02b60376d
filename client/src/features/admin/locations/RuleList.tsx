/** One ordered list of rules: first match wins, so order matters and can be changed. */
import { useTexts } from "@ui/hooks";
import { IconButton } from "@ui/parts";
import { Icon } from "@ui/Icon";

export interface Rule {
  search: string;
  replace: string | null;
  match_replace?: boolean;
  auto_created?: boolean;
  for_location?: string;
}

interface ListProps {
  name: string;
  rules: readonly Rule[];
  onChange: (rules: Rule[]) => void;
  /** The rules the tested number hit, as "in-rules 3". */
  hit: ReadonlySet<string>;
  error: string | null;
}

export function RuleList({ name, rules, onChange, hit, error }: ListProps) {
  const { t, word } = useTexts();
  const set = (index: number, change: Partial<Rule>) => onChange(rules.map((rule, at) => (at === index ? { ...rule, ...change } : rule)));
  const move = (index: number, step: -1 | 1) => {
    const next = [...rules];
    const [rule] = next.splice(index, 1);
    if (rule) next.splice(index + step, 0, rule);
    onChange(next);
  };
  return (
    <section className="stack" style={{ gap: 4 }}>
      <div className="row">
        <div className="grow"><strong>{word("location", name)}</strong> <span className="muted">{word("location.help", name)}</span></div>
        <button type="button" className="chip" onClick={() => onChange([...rules, { search: "^", replace: "" }])}><Icon name="plus" size={16} />{t("location.addRule")}</button>
      </div>
      {error && <p className="notice error" role="alert">{error}</p>}
      {rules.length > 0 && (
        <table className="rules">
          <thead><tr><th>{t("location.search")}</th><th>{t("location.replace")}</th><th>{t("location.recognise")}</th><th><span className="sr">{t("location.order")}</span></th></tr></thead>
          <tbody>
            {rules.map((rule, index) => (
              <tr key={index} data-hit={hit.has(`${name.replaceAll("_", "-")} ${index + 1}`) || undefined}>
                <td><input type="text" aria-label={`${t("location.search")} ${index + 1}`} value={rule.search} disabled={rule.auto_created ?? false} spellCheck={false} onChange={(event) => set(index, { search: event.target.value })} /></td>
                <td><input type="text" aria-label={`${t("location.replace")} ${index + 1}`} value={rule.replace ?? ""} disabled={rule.replace === null || (rule.auto_created ?? false)} spellCheck={false} onChange={(event) => set(index, { replace: event.target.value })} /></td>
                <td><input type="checkbox" aria-label={`${t("location.recognise")} ${index + 1}`} checked={rule.replace === null} onChange={(event) => set(index, { replace: event.target.checked ? null : "" })} /></td>
                <td className="row" style={{ gap: 0, justifyContent: "flex-end" }}>
                  {index > 0 && <button type="button" className="tool" aria-label={t("location.moveUp")} onClick={() => move(index, -1)}>↑</button>}
                  {index < rules.length - 1 && <button type="button" className="tool" aria-label={t("location.moveDown")} onClick={() => move(index, 1)}>↓</button>}
                  <IconButton icon="trash" label={t("location.removeRule")} onClick={() => onChange(rules.filter((_, at) => at !== index))} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
