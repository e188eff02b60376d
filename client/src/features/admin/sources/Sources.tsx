/** Sources that fill address books: the list, a new one, one of them with its runs. */
import { runsOfSource } from "@core/admin/runs";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button } from "@mantine/core";
import { NewSource } from "./NewSource";
import { Runs } from "../runs/Runs";
import { SourceForm } from "./SourceForm";
import { SourceHead } from "./SourceHead";
import { SourceList } from "./SourceList";
import "./sources.css";

export default function Sources({ rest }: { rest: readonly string[] }) {
  const [first = "", second = "", third = ""] = rest;
  if (first === "") return <SourceList />;
  if (first === "new") return <NewSource kind={second} key={second} />;
  return <OneSource id={first} tab={second} run={third} key={first} />;
}

function OneSource({ id, tab, run }: { id: string; tab: string; run: string }) {
  const app = useApp();
  const { t } = useTexts();
  const { value: items, problem, reload } = useLoad(() => app.api.admin.sources.list(), "sources");
  const { value: kinds } = useLoad(() => app.api.admin.sources.kinds(), "source-kinds");
  const source = items?.find((each) => each.id === id);
  const kind = kinds?.find((each) => each.key === source?.kind);
  if (problem) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (items && !source) return <p className="muted">{t("source.gone")} <a href="/admin/sources" onClick={(event) => { event.preventDefault(); app.go("/admin/sources"); }}>{t("admin.nav.sources")}</a></p>;
  if (!source || !kind) return <SkeletonRows rows={6} />;
  return (
    <>
      <SourceHead source={source} tab={tab === "runs" ? "runs" : "settings"} />
      {tab === "runs" ? <Runs of={runsOfSource(source, app.api)} run={run} onChanged={reload} after={<Button variant="default" onClick={() => app.go("/contacts")}>{t("nav.contacts")}</Button>} /> : <SourceForm source={source} kind={kind} onChanged={reload} />}
    </>
  );
}
