/** Exports of contacts into files and other directories: the list, a new one, one of them with its runs. */
import { KINDS } from "@core/admin/exportForm";
import { runsOfExport } from "@core/admin/runs";
import { sizeOf } from "@core/books";
import type { ExportKind, ExportView } from "@core/api/types";
import type { Key } from "@core/i18n/translate";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ProblemNotice, SkeletonRows } from "@ui/parts";
import { useState } from "react";
import { Runs } from "../runs/Runs";
import "../ldap/ldap.css";
import "../sources/sources.css";
import { ExportForm } from "./ExportForm";
import { ExportKinds } from "./ExportKinds";
import { ExportList } from "./ExportList";

export default function Exports({ rest }: { rest: readonly string[] }) {
  const app = useApp();
  const { t, word } = useTexts();
  const [first = "", second = "", third = ""] = rest;
  const { value, problem, reload } = useLoad(() => app.api.admin.exports.list(), "exports");
  const { value: kinds } = useLoad(() => app.api.admin.exports.kinds(), "export-kinds");
  if (problem) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (!value || !kinds) return <SkeletonRows rows={5} />;
  if (first === "") return <ExportList items={value.items} onChanged={reload} />;
  const of = value.items.find((item) => item.id === first);
  const kind = kinds.items.find((each) => each.key === (first === "new" ? second : of?.kind));
  if (first === "new") {
    return (
      <>
        <header className="page-head"><Back /><h1>{t("export.new")}{kind && `: ${word("export.kind", kind.key)}`}</h1>{kind && <p className="muted">{t(`export.about.${kind.key}` as Key)}</p>}</header>
        {kind ? <ExportForm of={null} kind={kind} fields={kinds.fields} folder={value.folder} onChanged={reload} key={kind.key} /> : <ExportKinds kinds={kinds.items} />}
      </>
    );
  }
  if (!of || !kind) return <p className="muted">{t("error.unknown-export")} <Back /></p>;
  return <OneExport of={of} kind={kind} fields={kinds.fields} folder={value.folder} tab={second} run={third} onChanged={reload} key={first} />;
}

function Back() {
  const app = useApp();
  const { t } = useTexts();
  return <nav className="muted" aria-label={t("admin.nav.exports")}><a href="/admin/exports" onClick={(event) => { event.preventDefault(); app.go("/admin/exports"); }}>{t("admin.nav.exports")}</a></nav>;
}

interface OneProps {
  of: ExportView;
  kind: ExportKind;
  fields: readonly string[];
  folder: boolean;
  tab: string;
  run: string;
  onChanged: () => void;
}

function OneExport({ of, kind, fields, folder, tab, run, onChanged }: OneProps) {
  const app = useApp();
  const { t, word, format } = useTexts();
  const [runnable] = useState(() => runsOfExport(of, app.api));
  const link = (path: string, words: string, current: boolean) => (
    <a href={path} className="chip" aria-current={current ? "page" : undefined} data-current={current || undefined} style={{ textDecoration: "none" }} onClick={(event) => { event.preventDefault(); app.go(path); }}>{words}</a>
  );
  const download = of.size !== null && <a className="chip" style={{ textDecoration: "none" }} download href={app.api.admin.exports.fileUrl(of.id)}><Icon name="save" size={16} />{t("export.fetch", { size: sizeOf(of.size, format) })}</a>;
  return (
    <>
      <header className="page-head stack">
        <Back />
        <div className="row wrap">
          <Icon name={KINDS[of.kind] ?? "file"} size={24} />
          <h1>{of.name}</h1>
          <span className="tag">{word("export.kind", of.kind)}</span>
          {!of.enabled && <span className="tag amber">{t("source.off")}</span>}
          <span className="row wrap source-tabs">
            {download}
            {link(runnable.path, t("source.tab.settings"), tab !== "runs")}
            {link(`${runnable.path}/runs`, t("source.tab.runs"), tab === "runs")}
          </span>
        </div>
      </header>
      {tab === "runs" ? <Runs of={runnable} run={run} onChanged={onChanged} after={download} /> : <ExportForm of={of} kind={kind} fields={fields} folder={folder} onChanged={onChanged} />}
    </>
  );
}
