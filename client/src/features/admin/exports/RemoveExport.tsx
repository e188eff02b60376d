/** Forgets an export, after saying what stays. */
import { asProblem, type Problem } from "@core/api/problem";
import type { ExportView } from "@core/api/types";
import { overtaken } from "@core/saving";
import { AskedFirst } from "@ui/asking";
import { useApp, useTexts } from "@ui/hooks";
import { ProblemNotice } from "@ui/parts";
import { useState } from "react";

export function RemoveExport({ of, onRemoved, onOvertaken }: { of: ExportView; onRemoved: () => void; onOvertaken: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [problem, setProblem] = useState<Problem | null>(null);
  const refuse = (error: unknown) => {
    const failed = asProblem(error);
    setProblem(failed);
    if (overtaken(failed)) onOvertaken();
  };
  const remove = () => app.api.admin.exports.remove(of.id, of.etag).then(() => { onRemoved(); app.go("/admin/exports"); }, refuse);
  return (
    <>
      <AskedFirst sure={t("admin.reallyDelete", { name: of.name })} onSure={() => void remove()}>{t("export.removeText")}</AskedFirst>
      {problem && <ProblemNotice problem={problem} />}
    </>
  );
}
