/** Which contacts leave: of which books, under which conditions, with numbers in which form. */
import type { ExportDraft } from "@core/admin/exportForm";
import type { AdminLocation } from "@core/api/types";
import { bookName } from "@core/books";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { NativeSelect, Textarea } from "@mantine/core";
import { GoneBooks } from "../GoneBooks";
import { NumberForms } from "../ldap/NumberForms";

interface WhichProps {
  draft: ExportDraft;
  place: string;
  locations: readonly AdminLocation[];
  onChange: (change: Partial<ExportDraft>) => void;
}

export function Which({ draft, place, locations, onChange }: WhichProps) {
  const app = useApp();
  const { t, format } = useTexts();
  const { value: books } = useLoad(() => app.api.admin.books.list(), "books");
  const chosen = draft.books;
  const gone = books ? (chosen ?? []).filter((id) => !books.items.some((book) => book.id === id)) : [];
  const toggle = (id: string, on: boolean) => {
    const now = chosen ?? [];
    const next = on ? [...now, id] : now.filter((each) => each !== id);
    onChange({ books: next.length > 0 ? next : null });
  };
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("export.part.which")}>
      <h2>{t("export.part.which")}</h2>
      <fieldset className="option-list">
        <legend>{t("export.whichBooks")}</legend>
        <span className="field-help muted">{t(chosen === null ? "export.allBooksHelp" : "export.books", { count: chosen?.length ?? 0 })}</span>
        {books?.items.map((book) => (
          <label key={book.id} className="level">
            <input type="checkbox" checked={chosen?.includes(book.id) ?? false} onChange={(event) => toggle(book.id, event.target.checked)} />
            <span>{bookName(book, t)} <span className="muted num">{format.number(book.contacts)}</span></span>
          </label>
        ))}
        {gone.map((id) => <label key={id} className="level"><input type="checkbox" checked onChange={() => toggle(id, false)} /><span>{t("book.gone", { count: 1, books: id })}</span></label>)}
      </fieldset>
      <GoneBooks ids={gone} />
      <Textarea label={t("export.conditions")} description={t("export.conditionsHelp")} placeholder="business_city = 'Udine'" autosize minRows={2} spellCheck={false} value={draft.conditions.join("\n")} onChange={(event) => onChange({ conditions: event.currentTarget.value.split("\n") })} />
      <NativeSelect label={t("people.location")} description={t("export.locationHelp")} value={place} data={locations.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => onChange({ location_id: event.target.value })} />
      <details>
        <summary>{t("ldap.numberFormat")}</summary>
        <NumberForms value={draft.number_format} location={locations.find((each) => each.id === place)} onChange={(form) => onChange({ number_format: form as ExportDraft["number_format"] })} />
      </details>
    </section>
  );
}
