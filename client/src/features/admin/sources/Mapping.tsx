/** What the columns mean: columns with samples on the left, the field they fill, expressions with their result, and the contacts that come out. */
import { addRule, byColumn, type DraftRule, setColumn, twice } from "@core/admin/mapping";
import { asProblem, type Problem } from "@core/api/problem";
import type { LookView, MapView } from "@core/api/types";
import { useApp, useProblemText, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { IconButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { undrafted } from "@core/admin/mapping";
import { Expressions } from "./Expressions";
import { FieldChoice } from "./FieldChoice";
import { FirstRows } from "./FirstRows";

interface MappingProps {
  look: LookView | null;
  busy: boolean;
  rules: readonly DraftRule[];
  place: string;
  link: string;
  onLook: () => void;
  onRules: (rules: DraftRule[]) => void;
}

const WAIT_MS = 300;
const SAMPLES = 3;

/** What the rows of a preview become by the rules as they stand. */
function useMapped(look: LookView | null, rules: readonly DraftRule[], place: string, link: string) {
  const app = useApp();
  const [mapped, setMapped] = useState<MapView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const records = useMemo(() => look?.rows.map((row) => row.values) ?? [], [look]);
  const mapping = useMemo(() => [...undrafted(rules), ...(link ? [{ field: "direct_link", value: link, kind: "" }] : [])], [rules, link]);
  useEffect(() => {
    if (records.length === 0 || mapping.length === 0) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      app.api.admin.sources.map({ records, mapping, location_id: place }, abort.signal).then(
        (next) => {
          setMapped(next);
          setProblem(null);
        },
        (error: unknown) => !abort.signal.aborted && setProblem(asProblem(error)),
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [app, records, mapping, place]);
  return { mapped, problem };
}

export function Mapping({ look, busy, rules, place, link, onLook, onRules }: MappingProps) {
  const { t } = useTexts();
  const problemText = useProblemText();
  const [apart, setApart] = useState<ReadonlySet<number>>(new Set());
  const { mapped, problem } = useMapped(look, rules, place, link);
  const names = look?.columns.map((column) => column.name) ?? [];
  const plain = byColumn(rules, names, apart);
  const plainIds = new Set([...plain.values()].map((rule) => rule.id));
  const made = rules.filter((rule) => !plainIds.has(rule.id));
  const doubled = twice(rules);
  const toExpression = (column: string) => {
    const rule = plain.get(column);
    if (rule) return setApart(new Set([...apart, rule.id]));
    const added = addRule(rules, "", `{${column}}`);
    setApart(new Set([...apart, added.id]));
    return onRules(added.rules);
  };
  const wrongRule = (rule: DraftRule) => problem !== null && problem.data.field === rule.field && (problem.data.expression === undefined || [rule.value, rule.kind].includes(String(problem.data.expression)));
  return (
    <section className="card pad stack" style={{ gap: 16 }} aria-label={t("source.part.columns")}>
      <div className="row wrap">
        <h2 className="grow">{t("source.part.columns")}</h2>
        <Button variant={look ? "default" : "filled"} loading={busy} onClick={onLook}>{t(look ? "source.lookAgain" : "source.look")}</Button>
      </div>
      {!look && !busy && <p className="muted">{t(rules.length > 0 ? "mapping.stored" : "mapping.none", { count: rules.length })}</p>}
      {!look && busy && <SkeletonRows rows={5} height={32} />}
      {look && (
        <>
          <p className="muted">{t("mapping.text")}</p>
          <div className="row wrap">
            <button type="button" className="chip" onClick={() => { setApart(new Set()); onRules(look.suggested.map((rule, id) => ({ ...rule, id }))); }}><Icon name="undo" size={14} />{t("mapping.suggest")}</button>
          </div>
          <div className="table-frame" role="region" aria-label={t("mapping.columns")} tabIndex={0}>
            <table className="table mapping">
              <thead><tr><th scope="col">{t("mapping.column")}</th><th scope="col">{t("mapping.samples")}</th><th scope="col">{t("mapping.field")}</th><th><span className="sr">{t("mapping.expression")}</span></th></tr></thead>
              <tbody>
                {look.columns.map((column) => {
                  const rule = plain.get(column.name);
                  return (
                    <tr key={column.name} data-unused={rule ? undefined : true}>
                      <th scope="row">{column.name}</th>
                      <td className="samples">{column.samples.filter(Boolean).slice(0, SAMPLES).map((sample, index) => <span key={index} className="clip">{sample}</span>)}</td>
                      <td><FieldChoice label={t("mapping.fieldOf", { name: column.name })} value={rule?.field ?? ""} empty={t("mapping.leaveOut")} wrong={rule !== undefined && doubled.has(rule.field)} onChange={(field) => onRules(setColumn(rules, rule, column.name, field))} /></td>
                      <td><IconButton icon="edit" label={t("mapping.toExpression", { name: column.name })} onClick={() => toExpression(column.name)} /></td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          <Expressions
            made={made} rules={rules} columns={names} texts={mapped?.texts ?? []} wrong={(rule) => (problem && wrongRule(rule) ? problemText(problem) : doubled.has(rule.field) ? t("mapping.twice") : "")}
            onRules={onRules} onAdd={() => { const added = addRule(rules, "", ""); setApart(new Set([...apart, added.id])); onRules(added.rules); }}
          />
          {problem && !rules.some(wrongRule) && <ProblemNotice problem={problem} />}
          <FirstRows look={look} mapped={mapped} />
        </>
      )}
    </section>
  );
}
