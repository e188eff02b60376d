/** A contact written by hand: a new one, often from the number of somebody who just called, or one that is changed. */
import { asProblem, type Problem } from "@core/api/problem";
import type { Contact, ContactInput } from "@core/api/types";
import { shownName } from "@core/contactName";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { IconButton, Notice, ProblemNotice } from "@ui/parts";
import { Button, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

type Kind = NonNullable<ContactInput["numbers"]>[number]["kind"];
interface NumberRow {
  id: number;
  kind: Kind;
  raw: string;
}
type Wrong = { field: string; text: string } | null;

const KINDS: readonly Kind[] = ["business", "mobile", "company-main", "business-2", "home", "other", "fax-business"];
const row = (kind: Kind, raw: string, id: number): NumberRow => ({ id, kind, raw });

interface FormProps {
  /** The contact to change; none: a new one. */
  contact?: Contact;
  /** A number to begin with. */
  given?: string;
  onDone: (id: string) => void;
  onCancel: () => void;
}

export function ContactForm({ contact, given = "", onDone, onCancel }: FormProps) {
  const app = useApp();
  const { t } = useTexts();
  const problemText = useProblemText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [numbers, setNumbers] = useState<NumberRow[]>(() => (contact ? contact.numbers.map((number, id) => row(number.kind, number.raw, id)) : [row("business", given, 0), row("mobile", "", 1)]));
  const [mails, setMails] = useState((contact?.emails ?? []).join(", "));
  const { value: known } = useLoad(() => (given ? app.api.identify(given) : Promise.resolve(null)), given);
  const filled = numbers.filter((number) => number.raw.trim());
  const field = typeof problem?.data.field === "string" ? problem.data.field : "";
  const wrong: Wrong = problem && field ? { field, text: problemText(problem) } : null;
  const submit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    const names = { first_name: text("first_name"), last_name: text("last_name"), company: text("company") };
    const body: ContactInput = {
      ...names, job_title: text("job_title"), note: text("note"),
      numbers: filled.map(({ kind, raw }) => ({ kind, raw: raw.trim() })), emails: mails.split(/[,;\s]+/).filter(Boolean),
      display_name: shownName(names, contact),
    };
    setBusy(true);
    try {
      const saved = await (contact ? app.api.contacts.replace(contact.id, body) : app.api.contacts.create(body));
      onDone(saved.id);
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <form className="stack" style={{ gap: 12, maxWidth: 480 }} onSubmit={(event) => void submit(event)}>
      <h2>{contact ? t("contact.change", { name: contact.display_name }) : t("contact.new")}</h2>
      {known?.hits[0] && <Notice tone="warning">{t("contact.alreadyKnown", { name: known.hits[0].title })}</Notice>}
      <div className="row" style={{ gap: 12, alignItems: "flex-start" }}>
        <TextInput className="grow" name="first_name" label={t("contact.firstName")} defaultValue={contact?.first_name ?? ""} autoFocus />
        <TextInput className="grow" name="last_name" label={t("contact.lastName")} defaultValue={contact?.last_name ?? ""} error={wrong?.field === "last_name" ? wrong.text : null} />
      </div>
      <TextInput name="company" label={t("contact.company")} defaultValue={contact?.company ?? known?.party.company ?? ""} key={known?.party.company ?? ""} />
      <TextInput name="job_title" label={t("people.title")} defaultValue={contact?.job_title ?? ""} />
      <Numbers rows={numbers} filled={filled} wrong={wrong} onChange={setNumbers} />
      <TextInput label={t("contact.mail")} value={mails} inputMode="email" error={wrong?.field.startsWith("emails.") ? wrong.text : null} onChange={(event) => setMails(event.currentTarget.value)} />
      <Textarea name="note" label={t("contact.note")} defaultValue={contact?.note ?? ""} autosize minRows={2} />
      {problem && !wrong && <ProblemNotice problem={problem} />}
      <div className="row" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onCancel}>{t("action.cancel")}</Button>
        <Button type="submit" loading={busy}>{t("contact.save")}</Button>
      </div>
    </form>
  );
}

/** The server counts only numbers that are filled in. */
function Numbers({ rows, filled, wrong, onChange }: { rows: NumberRow[]; filled: readonly NumberRow[]; wrong: Wrong; onChange: (rows: NumberRow[]) => void }) {
  const { t, word } = useTexts();
  const set = (id: number, change: Partial<NumberRow>) => onChange(rows.map((each) => (each.id === id ? { ...each, ...change } : each)));
  const kindsOf = (kind: Kind) => (KINDS.includes(kind) ? KINDS : [...KINDS, kind]);
  return (
    <div className="stack" role="group" aria-label={t("contact.numbers")}>
      {rows.map((number) => (
        <div key={number.id} className="row" style={{ alignItems: "flex-end" }}>
          <TextInput className="grow" label={word("number", number.kind)} type="tel" value={number.raw} error={wrong && wrong.field === `numbers.${filled.indexOf(number)}` ? wrong.text : null} onChange={(event) => set(number.id, { raw: event.currentTarget.value })} />
          <select className="select" aria-label={t("contact.numberKind")} value={number.kind} onChange={(event) => set(number.id, { kind: event.target.value as Kind })}>{kindsOf(number.kind).map((kind) => <option key={kind} value={kind}>{word("number", kind)}</option>)}</select>
          <IconButton icon="trash" label={t("contact.removeNumber")} onClick={() => onChange(rows.filter((each) => each.id !== number.id))} />
        </div>
      ))}
      <div><button type="button" className="chip" onClick={() => onChange([...rows, row("other", "", Math.max(0, ...rows.map((each) => each.id)) + 1)])}><Icon name="plus" size={14} />{t("contact.addNumber")}</button></div>
    </div>
  );
}
