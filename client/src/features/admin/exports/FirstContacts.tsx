/** The first contacts as they would leave, and the file as it would begin. */
import type { ExportInput, ExportPreview } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { useApp, useTexts } from "@ui/hooks";
import { ProblemNotice, SkeletonRows } from "@ui/parts";
import { useEffect, useState } from "react";

const WAIT_MS = 400;

export function FirstContacts({ input }: { input: ExportInput }) {
  const app = useApp();
  const { t } = useTexts();
  const [seen, setSeen] = useState<ExportPreview | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [raw, setRaw] = useState(false);
  const asked = JSON.stringify(input);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      app.api.admin.exports.preview(JSON.parse(asked) as ExportInput, abort.signal).then(
        (next) => {
          setSeen(next);
          setProblem(null);
        },
        (error: unknown) => !abort.signal.aborted && setProblem(asProblem(error)),
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [app, asked]);
  return (
    <section className="card pad stack" style={{ gap: 12 }}>
      <div className="row wrap">
        <h2 className="grow">{t("export.part.first")}</h2>
        {seen?.text && <button type="button" className="chip" aria-pressed={raw} onClick={() => setRaw(!raw)}>{t("export.asFile")}</button>}
      </div>
      {problem && <ProblemNotice problem={problem} />}
      {!seen && !problem && <SkeletonRows rows={4} height={28} />}
      {seen && <p className="muted" role="status">{t("export.ofTotal", { shown: seen.rows.length, count: seen.total })}</p>}
      {seen && raw && <pre className="trace mono export-text" tabIndex={0}>{seen.text}</pre>}
      {seen && !raw && seen.rows.length > 0 && (
        <div className="table-frame first-rows" role="region" aria-label={t("export.part.first")} tabIndex={0}>
          <table className="table">
            <thead><tr>{seen.columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead>
            <tbody>{seen.rows.map((row, index) => <tr key={index}>{seen.columns.map((column) => <td key={column} data-label={column}>{(row[column] ?? []).join("; ")}</td>)}</tr>)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}
