/** Forgets an export, after saying what stays. */
import { asProblem, type Problem } from "@core/api/problem";
import type { ExportView } from "@core/api/types";
import { useApp, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ProblemNotice } from "@ui/parts";
import { Button } from "@mantine/core";
import { useState } from "react";

export function RemoveExport({ of, onRemoved }: { of: ExportView; onRemoved: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const remove = () => app.api.admin.exports.remove(of.id).then(() => { onRemoved(); app.go("/admin/exports"); }, (error: unknown) => setProblem(asProblem(error)));
  return (
    <>
      {!asking && <button type="button" className="tool" onClick={() => setAsking(true)}><Icon name="trash" size={16} />{t("action.delete")}</button>}
      {asking && (
        <div className="row wrap notice warning" role="group" aria-label={t("action.delete")}>
          <span className="grow">{t("export.removeText")}</span>
          <Button color="red" variant="light" onClick={() => void remove()}>{t("admin.reallyDelete", { name: of.name })}</Button>
          <Button variant="default" autoFocus onClick={() => setAsking(false)}>{t("action.cancel")}</Button>
        </div>
      )}
      {problem && <ProblemNotice problem={problem} />}
    </>
  );
}
