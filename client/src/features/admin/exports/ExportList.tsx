/** Every export at a glance: how it stands, what it wrote last, when it runs next; its file to download. */
import { KINDS } from "@core/admin/exportForm";
import { runsOfExport } from "@core/admin/runs";
import { asProblem, type Problem } from "@core/api/problem";
import type { ExportView } from "@core/api/types";
import { sizeOf } from "@core/books";
import { useApp, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { PrimaryButton, ProblemNotice } from "@ui/parts";
import { useState } from "react";
import { GoneBooks } from "../GoneBooks";
import { usePolled } from "../runs/polled";
import { RunRow } from "../runs/RunRow";
import { ExportKinds } from "./ExportKinds";

export function ExportList({ items, onChanged }: { items: readonly ExportView[]; onChanged: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [refused, setRefused] = useState<Problem | null>(null);
  usePolled(items.some((item) => item.last?.state === "running"), onChanged);
  const attempt = (run: () => Promise<unknown>) => void run().then(() => setRefused(null), (error: unknown) => setRefused(asProblem(error))).finally(onChanged);
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.exports")}</h1><p className="muted">{t("export.text")}</p></div>
        {items.length > 0 && <PrimaryButton icon="plus" onClick={() => app.go("/admin/exports/new")}>{t("export.add")}</PrimaryButton>}
      </header>
      {refused && <ProblemNotice problem={refused} />}
      {items.length === 0 && <section className="stack" style={{ gap: 16 }}><h2>{t("export.empty")}</h2><ExportKinds kinds={Object.keys(KINDS).map((key) => ({ key }))} /></section>}
      {items.length > 0 && (
        <ul className="sources" aria-label={t("admin.nav.exports")}>
          {items.map((item) => <Row key={item.id} item={item} attempt={attempt} />)}
        </ul>
      )}
    </>
  );
}

function Row({ item, attempt }: { item: ExportView; attempt: (ask: () => Promise<unknown>) => void }) {
  const app = useApp();
  const { t, format, word } = useTexts();
  const books = item.books === null ? t("export.allBooks") : t("export.books", { count: item.books.length });
  return (
    <RunRow of={runsOfExport(item, app.api)} icon={KINDS[item.kind] ?? "file"} about={`${books} → ${word("export.kind", item.kind)}`} {...item} warning={<GoneBooks tag ids={item.gone} />} attempt={attempt}>
      {item.size !== null && <a className="chip" style={{ textDecoration: "none" }} download href={app.api.admin.exports.fileUrl(item.id)}><Icon name="save" size={14} />{t("export.fetch", { size: sizeOf(item.size, format) })}<span className="sr"> {item.name}</span></a>}
    </RunRow>
  );
}
