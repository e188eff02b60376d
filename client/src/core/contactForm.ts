/** A contact written by hand while it is filled in. Pure. */
import type { Contact, ContactInput } from "./api/types";
import { shownName } from "./contactName";
import { onTop } from "./diff";

export type NumberKind = NonNullable<ContactInput["numbers"]>[number]["kind"];
export interface NumberRow {
  id: number;
  kind: NumberKind;
  raw: string;
}
export interface ContactDraft {
  first_name: string;
  last_name: string;
  company: string;
  job_title: string;
  numbers: readonly NumberRow[];
  /** As they are typed, one behind the other. */
  emails: string;
  note: string;
}

export const row = (kind: NumberKind, raw: string, id: number): NumberRow => ({ id, kind, raw });

export function draftOf({ first_name, last_name, company, job_title, numbers, emails, note }: Contact): ContactDraft {
  return { first_name, last_name, company, job_title, note, emails: emails.join(", "), numbers: numbers.map(({ kind, raw }, id) => row(kind, raw, id)) };
}

/** A new one, for a number of a firm that may be known. */
export const blank = (number: string, company: string): ContactDraft => ({
  first_name: "", last_name: "", company, job_title: "", emails: "", note: "", numbers: [row("business", number, 0), row("mobile", "", 1)],
});

/** The server counts only numbers that are filled in. */
export const filledIn = (numbers: readonly NumberRow[]): NumberRow[] => numbers.filter(({ raw }) => raw.trim());

const saidIn = ({ first_name, last_name, company, job_title, numbers, emails, note }: ContactDraft) => ({
  first_name: first_name.trim(), last_name: last_name.trim(), company: company.trim(), job_title: job_title.trim(), note: note.trim(),
  numbers: filledIn(numbers).map(({ kind, raw }) => ({ kind, raw: raw.trim() })), emails: emails.split(/[,;\s]+/).filter(Boolean),
});

/** What is sent of a new one. */
export function bodyOf(draft: ContactDraft): ContactInput {
  const said = saidIn(draft);
  return { ...said, display_name: shownName(said) };
}

/** What is sent of one that was opened as `before` and is `stored` by now (undefined: removed); throws what collides. */
export function mergedOnto(before: Contact, draft: ContactDraft, stored: Contact | undefined): ContactInput {
  const said = onTop(saidIn(draftOf(before)), saidIn(draft), stored && saidIn(draftOf(stored)));
  return { ...said, display_name: shownName(said, stored) };
}
