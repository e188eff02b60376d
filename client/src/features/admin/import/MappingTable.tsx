/** The first rows of the file under the fields they will become. */
import type { ImportPreview } from "@core/api/types";
import { useTexts } from "@ui/hooks";

interface TableProps {
  preview: ImportPreview;
  mapping: Record<string, string>;
  onChange: (mapping: Record<string, string>) => void;
}

const ROWS = 12;

export function MappingTable({ preview, mapping, onChange }: TableProps) {
  const { t, word } = useTexts();
  return (
    <div className="card table-frame" role="region" aria-label={t("import.step.mapping")} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {preview.columns.map((column) => (
              <th key={column} scope="col">
                <div className="stack" style={{ gap: 4 }}>
                  <span>{column}</span>
                  <select className="select" aria-label={t("import.mapColumn", { name: column })} value={mapping[column] ?? ""} onChange={(event) => onChange({ ...mapping, [column]: event.target.value })}>
                    <option value="">{t("import.leaveOut")}</option>
                    {preview.fields?.map((field) => <option key={field.key} value={field.key}>{word("field", field.key) === field.key ? field.title : word("field", field.key)}</option>)}
                  </select>
                </div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.slice(0, ROWS).map((row, index) => (
            <tr key={`${index}:${row[0] ?? ""}`} style={{ cursor: "default" }}>{preview.columns.map((column, at) => <td key={column} className={mapping[column] ? undefined : "muted"}>{row[at]}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
