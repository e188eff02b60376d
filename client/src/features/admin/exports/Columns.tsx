/** What an export calls things: the usual columns of its kind, or columns of one's own, each an expression. */
import type { ExportColumn } from "@core/api/types";
import { useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { IconButton } from "@ui/parts";
import { useFieldWords } from "../sources/FieldChoice";

interface ColumnsProps {
  columns: readonly ExportColumn[];
  usual: readonly ExportColumn[];
  fields: readonly string[];
  onChange: (columns: ExportColumn[]) => void;
}

const SHOWN = 12;
const FIRST = ["display_name", "company", "phone_business", "phone_mobile", "email"];

export function Columns({ columns, usual, fields, onChange }: ColumnsProps) {
  const { t, format } = useTexts();
  const words = useFieldWords();
  const own = columns.length > 0;
  const set = (place: number, change: Partial<ExportColumn>) => onChange(columns.map((column, index) => (index === place ? { ...column, ...change } : column)));
  // Attributes of a directory are called as it wants; other columns as the reader does.
  const named = usual.some((column) => !fields.includes(column.name));
  const begin = () => onChange(named ? [...usual] : FIRST.map((field) => ({ name: words(field), value: `{${field}}` })));
  const names = [...new Set(usual.map((column) => column.name))];
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("export.part.columns")}>
      <h2>{t("export.part.columns")}</h2>
      <div className="row wrap" role="group" aria-label={t("export.part.columns")}>
        <button type="button" className="chip" aria-pressed={!own} onClick={() => onChange([])}>{t("export.usual")}</button>
        <button type="button" className="chip" aria-pressed={own} onClick={() => own || begin()}>{t("export.own")}</button>
      </div>
      {!own && <p className="muted">{names.length > 0 ? t("export.usualText", { names: format.list(names.slice(0, SHOWN)), count: names.length }) : t("export.everything")}</p>}
      {own && columns.map((column, place) => (
        <div key={place} className="row wrap export-column">
          <input className="filter" aria-label={t("export.columnName", { place: place + 1 })} placeholder={t("mapping.column")} value={column.name} onChange={(event) => set(place, { name: event.target.value })} />
          <input className="filter grow mono" aria-label={t("export.columnValue", { place: place + 1 })} placeholder="{phone_business | phone_mobile}" spellCheck={false} value={column.value} onChange={(event) => set(place, { value: event.target.value })} />
          <select className="select insert" aria-label={t("mapping.insert")} value="" onChange={(event) => event.target.value && set(place, { value: `${column.value}{${event.target.value}}`, name: column.name || words(event.target.value) })}>
            <option value="">{t("mapping.field")}</option>
            {fields.map((field) => <option key={field} value={field}>{words(field)}</option>)}
          </select>
          <IconButton icon="trash" label={t("export.removeColumn", { place: place + 1 })} onClick={() => onChange(columns.filter((_, index) => index !== place))} />
        </div>
      ))}
      {own && <div><button type="button" className="chip" onClick={() => onChange([...columns, { name: "", value: "" }])}><Icon name="plus" size={14} />{t("export.addColumn")}</button></div>}
    </section>
  );
}
