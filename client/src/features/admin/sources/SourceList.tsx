/** Every source at a glance: how it stands, what it found last, when it is read next. */
import { runsOfSource } from "@core/admin/runs";
import { asProblem, type Problem } from "@core/api/problem";
import type { SourceView } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { KINDS } from "@core/admin/sourceForm";
import { PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { useState } from "react";
import { Choices } from "./NewSource";
import { usePolled } from "../runs/polled";
import { RunRow } from "../runs/RunRow";

export function SourceList() {
  const app = useApp();
  const { t } = useTexts();
  const { value: items, problem, reload } = useLoad(() => app.api.admin.sources.list(), "sources");
  const [refused, setRefused] = useState<Problem | null>(null);
  usePolled(items?.some((item) => item.last?.state === "running") ?? false, reload);
  const attempt = (ask: () => Promise<unknown>) => void ask().then(() => setRefused(null), (error: unknown) => setRefused(asProblem(error))).finally(reload);
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.sources")}</h1><p className="muted">{t("source.text")}</p></div>
        {items && items.length > 0 && <PrimaryButton icon="plus" onClick={() => app.go("/admin/sources/new")}>{t("source.add")}</PrimaryButton>}
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {refused && <ProblemNotice problem={refused} />}
      {!items && !problem && <SkeletonRows rows={4} height={72} />}
      {items?.length === 0 && <section className="stack" style={{ gap: 16 }} aria-label={t("source.empty")}><h2>{t("source.empty")}</h2><Choices /></section>}
      {items && items.length > 0 && (
        <ul className="sources" aria-label={t("admin.nav.sources")}>
          {items.map((item) => <Row key={item.id} item={item} attempt={attempt} />)}
        </ul>
      )}
    </>
  );
}

function Row({ item, attempt }: { item: SourceView; attempt: (ask: () => Promise<unknown>) => void }) {
  const app = useApp();
  const { t, word } = useTexts();
  const about = `${word("source.kind", item.kind)} → ${item.book.name}, ${t("source.contacts", { count: item.book.contacts })}`;
  return <RunRow of={runsOfSource(item, app.api)} icon={KINDS[item.kind] ?? "file"} about={about} {...item} attempt={attempt} />;
}
