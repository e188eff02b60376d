/** Entries with what each column held before and holds now: of a run, of a dry run. */
import { useTexts } from "@ui/hooks";

export interface Differing {
  key: string;
  name: string;
  before: Readonly<Record<string, string>>;
  after: Readonly<Record<string, string>>;
}

/** `label`: what the table is about. Where only one side has values, only that one is shown. */
export function DifferenceTable({ label, items }: { label: string; items: readonly Differing[] }) {
  const { t } = useTexts();
  return (
    <div className="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table className="table differing">
        <thead><tr><th scope="col">{t("difference.entry")}</th><th scope="col">{t("difference.values")}</th></tr></thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.key}>
              <th scope="row">{item.name || item.key}</th>
              <td><Values before={item.before} after={item.after} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Values({ before, after }: Pick<Differing, "before" | "after">) {
  const { t } = useTexts();
  const columns = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((column) => before[column] !== after[column]);
  const changed = Object.keys(before).length > 0 && Object.keys(after).length > 0;
  return (
    <dl className={changed ? "facts" : "facts flow"}>
      {columns.map((column) => (
        <div key={column}>
          <dt>{column}</dt>
          <dd>
            {before[column] && <del><span className="sr">{t("difference.before")}</span>{before[column]}</del>}
            {before[column] && after[column] && " → "}
            {after[column] && <ins><span className="sr">{t("difference.after")}</span>{after[column]}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
