/** People out of a file: what each row would do is shown before anything is added, and one click takes it back. */
import { asProblem, type Problem } from "@core/api/problem";
import type { Takeover, TakeoverRow } from "@core/api/types";
import { useApp, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Notice, ProblemNotice } from "@ui/parts";
import { Button, Drawer } from "@mantine/core";
import { useState } from "react";
import { DropZone } from "../DropZone";

interface TakeOverProps {
  onAdded: (words: string, back: () => Promise<unknown>) => void;
}

const TONES: Record<TakeoverRow["verdict"], string> = { new: "green", known: "", bad: "red" };

/** The button, and the drawer behind it. */
export function TakeOver({ onAdded }: TakeOverProps) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<Icon name="upload" size={16} />} onClick={() => setOpen(true)}>{t("takeover.open")}</Button>
      <Drawer opened={open} onClose={() => setOpen(false)} position="right" size={680} title={t("takeover.title")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {open && <FromFile onAdded={(...added) => { setOpen(false); onAdded(...added); }} />}
      </Drawer>
    </>
  );
}

function FromFile({ onAdded }: TakeOverProps) {
  const app = useApp();
  const { t } = useTexts();
  const [file, setFile] = useState<File | null>(null);
  const [seen, setSeen] = useState<Takeover | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const look = async (chosen: File) => {
    setBusy(true);
    try {
      setSeen(await app.api.admin.previewPeople(chosen));
      setFile(chosen);
      setProblem(null);
    } catch (error) {
      setSeen(null);
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  const add = async () => {
    if (!file) return;
    setBusy(true);
    try {
      const done = await app.api.admin.importPeople(file);
      onAdded(t("takeover.added", { count: done.added.length }), () => app.api.admin.removePeople(done.added));
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <div className="stack" style={{ gap: 16 }}>
      <p className="muted">{t("takeover.text")}</p>
      <DropZone title={t(file ? "takeover.other" : "takeover.drop")} accept=".csv,.txt,.tsv" busy={busy} small onFile={(chosen) => void look(chosen)} />
      {problem && <ProblemNotice problem={problem} />}
      {seen && <Preview seen={seen} />}
      {seen && (
        <div className="drawer-foot row wrap">
          <span className="grow muted" role="status">{summary(seen, t)}</span>
          <Button loading={busy} disabled={count(seen, "new") === 0} onClick={() => void add()}>{t("takeover.add", { count: count(seen, "new") })}</Button>
        </div>
      )}
    </div>
  );
}

const count = (seen: Takeover, verdict: TakeoverRow["verdict"]) => seen.rows.filter((row) => row.verdict === verdict).length;

function summary(seen: Takeover, t: ReturnType<typeof useTexts>["t"]): string {
  const [known, bad] = [count(seen, "known"), count(seen, "bad")];
  return [known > 0 && t("takeover.known", { count: known }), bad > 0 && t("takeover.bad", { count: bad })].filter(Boolean).join(", ");
}

function Preview({ seen }: { seen: Takeover }) {
  const { t, format, has } = useTexts();
  const unused = Object.entries(seen.columns).filter(([, meaning]) => !meaning).map(([title]) => title);
  const why = (row: TakeoverRow) => (row.code && has(`error.${row.code}`) ? t(`error.${row.code}` as Parameters<typeof t>[0]) : row.code);
  return (
    <>
      {unused.length > 0 && <Notice tone="warning">{t("takeover.unused", { columns: format.list(unused) })}</Notice>}
      {seen.new_groups.length > 0 && <Notice>{t("takeover.newGroups", { groups: format.list(seen.new_groups) })}</Notice>}
      <div className="card table-frame">
        <table className="table labelled" aria-label={t("takeover.title")}>
          <thead>
            <tr>
              <th scope="col">{t("people.name")}</th><th scope="col">{t("people.login")}</th><th scope="col">{t("admin.nav.groups")}</th>
              <th scope="col">{t("admin.nav.lines")}</th><th scope="col">{t("people.state")}</th>
            </tr>
          </thead>
          <tbody>
            {seen.rows.map((row) => (
              <tr key={row.line} data-verdict={row.verdict}>
                <td data-label={t("people.name")}>{row.name || row.mail}</td>
                <td data-label={t("people.login")}>{row.login}</td>
                <td data-label={t("admin.nav.groups")}>{row.groups.join(", ")}</td>
                <td data-label={t("admin.nav.lines")} className="num">{row.number}</td>
                <td data-label={t("people.state")}>
                  <span className={`tag ${TONES[row.verdict]}`}>{t(`takeover.verdict.${row.verdict}`)}</span>
                  {row.code && <span className="muted"> {t("takeover.row", { line: row.line, why: why(row) })}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
