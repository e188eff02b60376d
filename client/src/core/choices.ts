/** Whom this person means by a number that several contacts have. Kept in their settings; pure. */
import type { Hit, Id, PartyView } from "./api/types";

export interface Choice {
  id: Id;
  name: string;
  company: string;
}

/** By canonical number, the latest last. */
export type Choices = Readonly<Record<string, Choice>>;

/** More are not kept: the oldest goes. */
const MOST = 200;

export function readChoices(value: unknown): Choices {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const text = (each: unknown) => (typeof each === "string" ? each : "");
  return Object.fromEntries(
    Object.entries(value as Record<string, Partial<Choice> | null>).flatMap(([number, choice]) =>
      choice && text(choice.id) ? [[number, { id: text(choice.id), name: text(choice.name), company: text(choice.company) }]] : []),
  );
}

/** With another choice for this number; null forgets it. */
export function remember(choices: Choices, number: string, choice: Choice | null): Choices {
  const rest = Object.entries(choices).filter(([each]) => each !== number);
  return Object.fromEntries(choice ? [...rest.slice(Math.max(0, rest.length - MOST + 1)), [number, choice]] : rest);
}

/** The party as this person wants to see it: their choice in place of the best match, as long as there is more than one. */
export function withChoice(party: PartyView, choices: Choices): PartyView {
  const choice = party.alternatives > 0 && party.user_id === null ? choices[party.canonical] : undefined;
  if (!choice || choice.id === party.contact_id) return party;
  return { ...party, contact_id: choice.id, name: choice.name, company: choice.company, reason: "chosen" };
}

export const choiceOf = (hit: Hit): Choice => ({ id: hit.id, name: hit.title, company: hit.subtitle });

/** What is remembered, held against what the directory says now: null if that contact is gone, the same object if nothing changed. */
export function refreshed(choice: Choice, hits: readonly Hit[]): Choice | null {
  const hit = hits.find((each) => each.id === choice.id);
  if (!hit) return null;
  return hit.title === choice.name && hit.subtitle === choice.company ? choice : choiceOf(hit);
}
