/** One object per thing a person can do. Buttons, keys, menus, the palette and `tel:` links all run the same object. */
import { asProblem, type Problem } from "../api/problem";
import type { AppState, Unisono } from "../app";
import type { Key, Parameters } from "../i18n/translate";
import type { IconName } from "../icons";

/** Why something cannot be done now, in words. */
export interface Refusal {
  key: Key;
  parameters?: Parameters;
}

export interface Action<T = void> {
  id: string;
  title: Key;
  icon: IconName;
  /** As pressed, e.g. "Ctrl+K"; shown in the cheat sheet and menus. */
  keys?: string;
  /** Works without the server. */
  local?: boolean;
  /** null: it can be done. */
  refusal: (state: AppState, target: T) => Refusal | null;
  run: (app: Unisono, target: T) => Promise<void> | void;
  /** What the action is about; makes its pending state its own. */
  target?: (target: T) => string;
}

export const OFFLINE: Refusal = { key: "why.offline" };

/** Why an action cannot run now; null when it can. */
export function whyNot<T>(action: Action<T>, state: AppState, target: T): Refusal | null {
  if (!action.local && state.link !== "live") return OFFLINE;
  return action.refusal(state, target);
}

export function pendingKey<T>(action: Action<T>, target: T): string {
  return `${action.id}:${action.target?.(target) ?? ""}`;
}

/** Runs an action if it may: pending at once, a refusal is kept beside it. True when the server took it. */
export async function perform<T>(app: Unisono, action: Action<T>, target: T): Promise<boolean> {
  if (whyNot(action, app.state, target)) return false;
  const key = pendingKey(action, target);
  if (app.state.pending[key]) return false;
  app.store.update((state) => ({ ...state, pending: { ...state.pending, [key]: true }, refused: without(state.refused, key) }));
  try {
    await action.run(app, target);
    return true;
  } catch (error) {
    app.store.update((state) => ({ ...state, refused: { ...state.refused, [key]: asProblem(error) } }));
    return false;
  } finally {
    app.store.update((state) => ({ ...state, pending: without(state.pending, key) }));
  }
}

export function dismissRefusals(app: Unisono, keys: readonly string[]): void {
  app.store.update((state) => ({ ...state, refused: keys.reduce<Readonly<Record<string, Problem>>>(without, state.refused) }));
}

/** Refusals by what they say: the latest of each text, and the keys of all that say the same. */
export function byText(refused: readonly (readonly [string, Problem])[], textOf: (problem: Problem) => string): { keys: string[]; problem: Problem }[] {
  const found = new Map<string, { keys: string[]; problem: Problem }>();
  for (const [key, problem] of refused) {
    const text = textOf(problem);
    const same = found.get(text);
    found.delete(text); // the latest stands last
    found.set(text, { keys: [...(same?.keys ?? []), key], problem });
  }
  return [...found.values()];
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _gone, ...rest } = record;
  return rest;
}
