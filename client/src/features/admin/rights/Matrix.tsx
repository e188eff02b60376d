/** What each level allows, as a picture: a row for each thing, a column for each level. */
import type { LevelName, Rights } from "@core/api/types";
import type { Key } from "@core/i18n/translate";
import { useTexts } from "@ui/hooks";

/** The server's rights in rows of one meaning; tests/house holds that every right has its row. */
const ROWS: readonly { title: Key; rights: readonly string[] }[] = [
  { title: "right.presence", rights: ["see-presence"] },
  { title: "right.business", rights: ["see-business-data"] },
  { title: "right.office", rights: ["see-office-data"] },
  { title: "right.calls", rights: ["see-calls-in", "see-calls-out"] },
  { title: "right.diversions", rights: ["see-diversions"] },
  { title: "right.further", rights: ["see-calls-in-2", "see-calls-out-2", "see-diversions-2"] },
  { title: "right.pickUp", rights: ["pick-up", "pick-up-2"] },
  { title: "right.setPresence", rights: ["set-presence"] },
  { title: "right.written", rights: ["read-written"] },
  { title: "right.setDiversion", rights: ["set-diversion", "set-diversion-2"] },
  { title: "right.private", rights: ["see-private-data"] },
];

export function Matrix({ label, levels, marked }: { label: string; levels: Rights["levels"]; marked: readonly LevelName[] }) {
  const { t } = useTexts();
  return (
    <div className="matrix-frame" role="region" aria-label={label} tabIndex={0}>
      <table className="matrix">
        <thead>
          <tr><td />{levels.map(({ level }) => <th key={level} scope="col" data-marked={marked.includes(level) || undefined}>{t(`level.${level}`)}</th>)}</tr>
        </thead>
        <tbody>
          {ROWS.map(({ title, rights }) => (
            <tr key={title}>
              <th scope="row">{t(title)}</th>
              {levels.map((each) => {
                const allowed = rights.every((right) => each.rights.includes(right));
                return <td key={each.level} data-marked={marked.includes(each.level) || undefined}><span className="matrix-dot" data-on={allowed || undefined} /><span className="sr">{t(allowed ? "right.yes" : "right.no")}</span></td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
