/** The mapping of a source while it is edited: rules with ids, those that are a column as it is, what may still be filled. Pure. */
import type { replicators_mapping_Rule as Rule } from "../api/types";

export interface DraftRule extends Rule {
  id: number;
}

const BARE = /^[^|:?=!~{}'"\\]+$/;

/** The expression that is a column as it is; the server writes it the same way. */
export function columnExpression(name: string): string {
  const bare = name === name.trim() && BARE.test(name);
  return bare ? `{${name}}` : `{"${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"}`;
}

export const drafted = (rules: readonly Rule[]): DraftRule[] => rules.map((rule, id) => ({ ...rule, id }));

export const undrafted = (rules: readonly DraftRule[]): Rule[] => rules.map(({ field, value, kind }) => ({ field, value, kind }));

const nextId = (rules: readonly DraftRule[]): number => rules.reduce((most, rule) => Math.max(most, rule.id), -1) + 1;

/** The rule that takes each column as it is: the first one, and none that was made an expression of its own (`apart`). */
export function byColumn(rules: readonly DraftRule[], columns: readonly string[], apart: ReadonlySet<number>): Map<string, DraftRule> {
  const names = new Map(columns.map((name) => [columnExpression(name), name]));
  const found = new Map<string, DraftRule>();
  for (const rule of rules) {
    const name = names.get(rule.value);
    if (name !== undefined && !rule.kind && !apart.has(rule.id) && !found.has(name)) found.set(name, rule);
  }
  return found;
}

/** Lets a column as it is fill a field, in the place of `before`; no field: the column is left out. */
export function setColumn(rules: readonly DraftRule[], before: DraftRule | undefined, column: string, field: string): DraftRule[] {
  if (before) return field ? rules.map((rule) => (rule.id === before.id ? { ...rule, field } : rule)) : rules.filter((rule) => rule.id !== before.id);
  return field ? [...rules, { id: nextId(rules), field, value: columnExpression(column), kind: "" }] : [...rules];
}

export function addRule(rules: readonly DraftRule[], field: string, value: string): { rules: DraftRule[]; id: number } {
  const id = nextId(rules);
  return { rules: [...rules, { id, field, value, kind: "" }], id };
}

/** Fields that several rules may fill, as numbers and addresses. */
export const fillsSeveral = (field: string): boolean => /^(phone|fax|email)/.test(field);

/** Fields that more than one rule fills although only one may. */
export function twice(rules: readonly DraftRule[]): Set<string> {
  const seen = new Set<string>();
  return new Set(rules.map((rule) => rule.field).filter((field) => !fillsSeveral(field) && (seen.has(field) || !seen.add(field))));
}
