/** Fields that are made of columns by an expression, each with what it gives for the first rows. */
import { columnExpression, type DraftRule } from "@core/admin/mapping";
import { useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { IconButton } from "@ui/parts";
import { FieldChoice } from "./FieldChoice";

interface ExpressionsProps {
  made: readonly DraftRule[];
  rules: readonly DraftRule[];
  columns: readonly string[];
  /** Of each record, what every rule gives. */
  texts: readonly (readonly string[])[];
  wrong: (rule: DraftRule) => string;
  onRules: (rules: DraftRule[]) => void;
  onAdd: () => void;
}

const RESULTS = 3;
const EXAMPLES = ["{First} {Last}", "{Mobile | Phone | 'none'}", "{Name : strip : title}", "{Kind = 'fax' ? Number}", "{Phone : split('/', '1')}"] as const;

export function Expressions({ made, rules, columns, texts, wrong, onRules, onAdd }: ExpressionsProps) {
  const { t } = useTexts();
  const set = (rule: DraftRule, change: Partial<DraftRule>) => onRules(rules.map((each) => (each.id === rule.id ? { ...each, ...change } : each)));
  return (
    <section className="stack" aria-label={t("mapping.made")}>
      <div className="row wrap"><h3 className="grow">{t("mapping.made")}</h3><button type="button" className="chip" onClick={onAdd}><Icon name="plus" size={14} />{t("mapping.add")}</button></div>
      {made.map((rule) => {
        const place = rules.findIndex((each) => each.id === rule.id);
        const results = texts.map((row) => row[place] ?? "").filter(Boolean).slice(0, RESULTS);
        const error = wrong(rule);
        const why = `rule-${rule.id}-wrong`;
        return (
          <div key={rule.id} className="expression">
            <FieldChoice label={t("mapping.field")} value={rule.field} empty={t("mapping.chooseField")} wrong={error !== "" || rule.field === ""} onChange={(field) => set(rule, { field })} />
            <div className="stack" style={{ gap: 4 }}>
              <div className="row">
                <input className="filter wide mono" aria-label={t("mapping.expression")} aria-invalid={error !== "" || undefined} aria-describedby={error ? why : undefined} value={rule.value} spellCheck={false} onChange={(event) => set(rule, { value: event.target.value })} />
                <select className="select insert" aria-label={t("mapping.insert")} value="" onChange={(event) => event.target.value && set(rule, { value: rule.value + columnExpression(event.target.value) })}>
                  <option value="">{t("mapping.insert")}</option>
                  {columns.map((column) => <option key={column} value={column}>{column}</option>)}
                </select>
              </div>
              {rule.field === "phone" && <input className="filter wide mono" aria-label={t("mapping.kindOf")} placeholder={t("mapping.kindOf")} value={rule.kind ?? ""} spellCheck={false} onChange={(event) => set(rule, { kind: event.target.value })} />}
              {error ? <span id={why} className="wrong">{error}</span> : <span className="muted" role="status">{results.length > 0 ? t("mapping.gives", { values: results.join(" · ") }) : texts.length > 0 && t("mapping.givesNothing")}</span>}
            </div>
            <IconButton icon="trash" label={t("mapping.remove")} onClick={() => onRules(rules.filter((each) => each.id !== rule.id))} />
          </div>
        );
      })}
      <details>
        <summary>{t("mapping.help")}</summary>
        <dl className="facts" style={{ marginTop: 8 }}>
          {EXAMPLES.map((example, index) => <div key={example} style={{ display: "contents" }}><dt><code>{example}</code></dt><dd>{t(`mapping.example.${index as 0 | 1 | 2 | 3 | 4}`)}</dd></div>)}
        </dl>
      </details>
    </section>
  );
}
