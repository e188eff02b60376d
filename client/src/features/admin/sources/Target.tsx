/** Into which book, how numbers are written there, and the way back into the source. */
import type { SourceDraft } from "@core/admin/sourceForm";
import type { LookView, SourceView } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { NativeSelect, TextInput } from "@mantine/core";

interface TargetProps {
  source: SourceView | null;
  draft: SourceDraft;
  place: string;
  locations: readonly { id: string; name: string }[];
  look: LookView | null;
  wrong: string;
  onChange: (change: Partial<SourceDraft>) => void;
}

export function Target({ source, draft, place, locations, look, wrong, onChange }: TargetProps) {
  const app = useApp();
  const { t } = useTexts();
  const { value: books } = useLoad(() => app.api.admin.books.list(), "books");
  const free = books?.items.filter((book) => !book.own && !book.source).map((book) => book.name) ?? [];
  const example = look?.rows[0]?.values ?? {};
  const shown = draft.link.replace(/\{([^|:?=!~{}'"]+)\}/g, (_, name: string) => example[name.trim()] ?? "…");
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("source.part.book")}>
      <h2>{t("source.part.book")}</h2>
      <div className="two bottoms">
        {source
          ? <TextInput label={t("source.book")} description={t("source.bookStays")} value={source.book.name} readOnly />
          : <TextInput label={t("source.book")} description={t("source.bookHelp")} value={draft.book} placeholder={draft.name} maxLength={60} list="free-books" error={wrong === "book" || null} onChange={(event) => onChange({ book: event.currentTarget.value })} />}
        <datalist id="free-books">{free.map((name) => <option key={name} value={name} />)}</datalist>
        <NativeSelect
          label={t("people.location")} description={t("source.locationHelp")} value={place} onChange={(event) => onChange({ location_id: event.target.value })}
          data={[...(source || locations.length === 0 ? [{ value: "", label: t("source.locationFirst") }] : []), ...locations.map((each) => ({ value: each.id, label: each.name }))]}
        />
      </div>
      <TextInput label={t("source.link")} description={t("source.linkHelp")} placeholder="https://crm.example/contacts/{Id}" value={draft.link} spellCheck={false} error={wrong === "direct_link" ? t("error.link-scheme") : null} onChange={(event) => onChange({ link: event.currentTarget.value })} />
      {draft.link && look && <p className="muted" role="status">{t("source.linkShown", { link: shown })}</p>}
    </section>
  );
}
