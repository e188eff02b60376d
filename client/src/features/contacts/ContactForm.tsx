/** A contact written by hand: a new one, often from the number of somebody who just called, or one that is changed. */
import { asProblem, type Problem } from "@core/api/problem";
import type { Contact } from "@core/api/types";
import { blank, bodyOf, draftOf, filledIn, mergedOnto, type NumberKind, type NumberRow, row } from "@core/contactForm";
import { overtaken, savedOnTop } from "@core/saving";
import { landing, useLanding } from "@ui/asking";
import { useBeneath } from "@ui/beneath";
import { DifferenceList, type Named } from "@ui/DifferenceList";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { FormProblem, IconButton, Notice } from "@ui/parts";
import { Button, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

type Wrong = { field: string; text: string } | null;

const KINDS: readonly NumberKind[] = ["business", "mobile", "company-main", "business-2", "home", "other", "fax-business"];
const FIELDS: readonly Named[] = [
  { key: "first_name", label: "contact.firstName" },
  { key: "last_name", label: "contact.lastName" },
  { key: "company", label: "contact.company" },
  { key: "job_title", label: "people.title" },
  { key: "numbers", label: "contact.numbers" },
  { key: "emails", label: "contact.mail" },
  { key: "note", label: "contact.note" },
];

interface FormProps {
  /** The contact to change; none: a new one. */
  contact?: Contact;
  /** A number to begin with. */
  given?: string;
  onDone: (id: string) => void;
  onCancel: () => void;
  /** Somebody else has saved it. */
  onOvertaken?: () => void;
}

function goneOr(error: unknown): undefined {
  if (asProblem(error).status !== 404) throw error;
}

export function ContactForm({ contact, given = "", onDone, onCancel, onOvertaken }: FormProps) {
  const app = useApp();
  const { t, word } = useTexts();
  const problemText = useProblemText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { value: known } = useLoad(() => (given ? app.api.identify(given) : Promise.resolve(null)), given);
  const { value: draft, setValue, theirs } = useBeneath(contact ? draftOf(contact) : blank(given, known?.party.company ?? ""));
  const change = (part: Partial<typeof draft>) => setValue((now) => ({ ...now, ...part }));
  const inWords = (rows: unknown) => (rows as readonly NumberRow[]).map(({ kind, raw }) => `${word("number", kind)} ${raw}`);
  const others = contact ? theirs.map((each) => (each.key === "numbers" ? { ...each, before: inWords(each.before), after: inWords(each.after) } : each)) : [];
  const land = useLanding(contact);
  const field = typeof problem?.data.field === "string" ? problem.data.field : "";
  const wrong: Wrong = problem && field ? { field, text: problemText(problem) } : null;
  const submit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { saved } = contact ? await savedOnTop(contact, {
        merged: (stored: Contact | undefined) => mergedOnto(contact, draft, stored),
        put: (body, etag) => app.api.contacts.replace(contact.id, body, etag),
        load: () => app.api.contacts.get(contact.id).catch(goneOr),
      }) : { saved: await app.api.contacts.create(bodyOf(draft)) };
      onDone(saved.id);
    } catch (error) {
      const failed = asProblem(error);
      setProblem(failed);
      setBusy(false);
      if (!overtaken(failed)) return;
      land("save");
      onOvertaken?.();
    }
  };
  return (
    <form className="stack" style={{ gap: 12, maxWidth: 480 }} onSubmit={(event) => void submit(event)}>
      <h2>{contact ? t("contact.change", { name: contact.display_name }) : t("contact.new")}</h2>
      {known?.hits[0] && <Notice tone="warning">{t("contact.alreadyKnown", { name: known.hits[0].title })}</Notice>}
      <div className="row" style={{ gap: 12, alignItems: "flex-start" }}>
        <TextInput className="grow" name="first_name" label={t("contact.firstName")} value={draft.first_name} onChange={(event) => change({ first_name: event.currentTarget.value })} autoFocus />
        <TextInput className="grow" name="last_name" label={t("contact.lastName")} value={draft.last_name} onChange={(event) => change({ last_name: event.currentTarget.value })} error={wrong?.field === "last_name" ? wrong.text : null} />
      </div>
      <TextInput name="company" label={t("contact.company")} value={draft.company} onChange={(event) => change({ company: event.currentTarget.value })} />
      <TextInput name="job_title" label={t("people.title")} value={draft.job_title} onChange={(event) => change({ job_title: event.currentTarget.value })} />
      <Numbers rows={draft.numbers} wrong={wrong} onChange={(numbers) => change({ numbers })} />
      <TextInput label={t("contact.mail")} value={draft.emails} inputMode="email" error={wrong?.field.startsWith("emails.") ? wrong.text : null} onChange={(event) => change({ emails: event.currentTarget.value })} />
      <Textarea name="note" label={t("contact.note")} value={draft.note} onChange={(event) => change({ note: event.currentTarget.value })} autosize minRows={2} />
      {problem && !wrong && <FormProblem problem={problem} />}
      {others.length > 0 && <DifferenceList title={t("diff.theirs")} changes={others} fields={FIELDS} />}
      <div className="row" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onCancel}>{t("action.cancel")}</Button>
        <Button type="submit" {...landing("save")} loading={busy}>{t("contact.save")}</Button>
      </div>
    </form>
  );
}

function Numbers({ rows, wrong, onChange }: { rows: readonly NumberRow[]; wrong: Wrong; onChange: (rows: NumberRow[]) => void }) {
  const { t, word } = useTexts();
  const set = (id: number, change: Partial<NumberRow>) => onChange(rows.map((each) => (each.id === id ? { ...each, ...change } : each)));
  const filled = filledIn(rows);
  const kindsOf = (kind: NumberKind) => (KINDS.includes(kind) ? KINDS : [...KINDS, kind]);
  return (
    <div className="stack" role="group" aria-label={t("contact.numbers")}>
      {rows.map((number) => (
        <div key={number.id} className="row" style={{ alignItems: "flex-end" }}>
          <TextInput className="grow" label={word("number", number.kind)} type="tel" value={number.raw} error={wrong && wrong.field === `numbers.${filled.indexOf(number)}` ? wrong.text : null} onChange={(event) => set(number.id, { raw: event.currentTarget.value })} />
          <select className="select" aria-label={t("contact.numberKind")} value={number.kind} onChange={(event) => set(number.id, { kind: event.target.value as NumberKind })}>{kindsOf(number.kind).map((kind) => <option key={kind} value={kind}>{word("number", kind)}</option>)}</select>
          <IconButton icon="trash" label={t("contact.removeNumber")} onClick={() => onChange(rows.filter((each) => each.id !== number.id))} />
        </div>
      ))}
      <div><button type="button" className="chip" onClick={() => onChange([...rows, row("other", "", Math.max(0, ...rows.map((each) => each.id)) + 1)])}><Icon name="plus" size={14} />{t("contact.addNumber")}</button></div>
    </div>
  );
}
