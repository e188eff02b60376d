/** A new contact, often from the number of somebody who just called. */
import { asProblem, type Problem } from "@core/api/problem";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Notice, ProblemNotice } from "@ui/parts";
import { Button, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

export function NewContact() {
  const app = useApp();
  const { t } = useTexts();
  const given = new URLSearchParams(window.location.search).get("number") ?? "";
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { value: known } = useLoad(() => (given ? app.api.identify(given) : Promise.resolve(null)), given);
  const submit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    const numbers = [{ kind: "business" as const, raw: text("number") }, { kind: "mobile" as const, raw: text("mobile") }].filter((number) => number.raw);
    setBusy(true);
    try {
      const contact = await app.api.contacts.create({
        first_name: text("first_name"), last_name: text("last_name"), company: text("company"), note: text("note"), numbers,
        emails: text("mail") ? [text("mail")] : [],
        display_name: [text("first_name"), text("last_name")].filter(Boolean).join(" ") || text("company"),
      });
      app.go(`/contacts/${encodeURIComponent(contact.id)}`);
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <form className="stack" style={{ gap: 12, maxWidth: 480 }} onSubmit={(event) => void submit(event)}>
      <h2>{t("contact.new")}</h2>
      {known?.hits[0] && <Notice tone="warning">{t("contact.alreadyKnown", { name: known.hits[0].title })}</Notice>}
      <div className="row" style={{ gap: 12, alignItems: "flex-start" }}>
        <TextInput className="grow" name="first_name" label={t("contact.firstName")} autoFocus />
        <TextInput className="grow" name="last_name" label={t("contact.lastName")} />
      </div>
      <TextInput name="company" label={t("contact.company")} defaultValue={known?.party.company ?? ""} key={known?.party.company ?? ""} />
      <TextInput name="number" label={t("number.business")} defaultValue={given} required type="tel" withAsterisk={false} />
      <TextInput name="mobile" label={t("number.mobile")} type="tel" />
      <TextInput name="mail" label={t("contact.mail")} type="email" />
      <Textarea name="note" label={t("contact.note")} autosize minRows={2} />
      {problem && <ProblemNotice problem={problem} />}
      <div className="row" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={() => app.go("/contacts")}>{t("action.cancel")}</Button>
        <Button type="submit" loading={busy}>{t("contact.save")}</Button>
      </div>
    </form>
  );
}
