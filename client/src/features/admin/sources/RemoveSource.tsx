/** Forgets a source, after asking; its book stays. */
import { asProblem, type Problem } from "@core/api/problem";
import type { SourceView } from "@core/api/types";
import { overtaken } from "@core/saving";
import { AskedFirst } from "@ui/asking";
import { useApp, useTexts } from "@ui/hooks";
import { ProblemNotice } from "@ui/parts";
import { useState } from "react";

export function RemoveSource({ source, onOvertaken }: { source: SourceView; onOvertaken: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [problem, setProblem] = useState<Problem | null>(null);
  const refuse = (error: unknown) => {
    const failed = asProblem(error);
    setProblem(failed);
    if (overtaken(failed)) onOvertaken();
  };
  const remove = () => app.api.admin.sources.remove(source.id, source.etag).then(() => app.go("/admin/sources"), refuse);
  return (
    <>
      <AskedFirst sure={t("admin.reallyDelete", { name: source.name })} onSure={() => void remove()}>{t("source.removeText", { book: source.book.name, count: source.book.contacts })}</AskedFirst>
      {problem && <ProblemNotice problem={problem} />}
    </>
  );
}
