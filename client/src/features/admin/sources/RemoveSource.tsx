/** Forgets a source, after asking; its book stays. */
import { asProblem, type Problem } from "@core/api/problem";
import type { SourceView } from "@core/api/types";
import { useApp, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ProblemNotice } from "@ui/parts";
import { Button } from "@mantine/core";
import { useState } from "react";

export function RemoveSource({ source }: { source: SourceView }) {
  const app = useApp();
  const { t } = useTexts();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const remove = () => app.api.admin.sources.remove(source.id).then(() => app.go("/admin/sources"), (error: unknown) => setProblem(asProblem(error)));
  return (
    <>
      {!asking && <button type="button" className="tool" onClick={() => setAsking(true)}><Icon name="trash" size={16} />{t("action.delete")}</button>}
      {asking && (
        <div className="row wrap notice warning" role="group" aria-label={t("action.delete")}>
          <span className="grow">{t("source.removeText", { book: source.book.name, count: source.book.contacts })}</span>
          <Button color="red" variant="light" onClick={() => void remove()}>{t("admin.reallyDelete", { name: source.name })}</Button>
          <Button variant="default" autoFocus onClick={() => setAsking(false)}>{t("action.cancel")}</Button>
        </div>
      )}
      {problem && <ProblemNotice problem={problem} />}
    </>
  );
}
