/** A new source: a file is dropped in, or a kind is chosen from pictures. */
import { FILES, type Handed, KINDS } from "@core/admin/sourceForm";
import { asProblem, type Problem } from "@core/api/problem";
import type { Key } from "@core/i18n/translate";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ProblemNotice, SkeletonRows } from "@ui/parts";
import { useState } from "react";
import { DropZone } from "../DropZone";
import { SourceForm } from "./SourceForm";

let handed: Handed | null = null;

export function NewSource({ kind }: { kind: string }) {
  const app = useApp();
  const { t, word } = useTexts();
  const { value: kinds, problem, reload } = useLoad(() => app.api.admin.sources.kinds(), "source-kinds");
  const declared = kinds?.find((each) => each.key === kind);
  return (
    <>
      <header className="page-head">
        <nav className="muted" aria-label={t("admin.nav.sources")}><a href="/admin/sources" onClick={(event) => { event.preventDefault(); app.go("/admin/sources"); }}>{t("admin.nav.sources")}</a></nav>
        <h1>{t("source.new")}{declared && `: ${word("source.kind", kind)}`}</h1>
        {declared && <p className="muted">{t(`source.about.${kind}` as Key)}</p>}
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {kind === "" && <Choices />}
      {kind !== "" && !kinds && !problem && <SkeletonRows rows={5} />}
      {declared && <SourceForm source={null} kind={declared} handed={handed?.kind === kind ? handed : null} onChanged={() => { handed = null; }} />}
    </>
  );
}

/** Every kind with words for what it is good for; files may simply be dropped. */
export function Choices() {
  const app = useApp();
  const { t, word } = useTexts();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const upload = async (file: File) => {
    setBusy(true);
    try {
      const kept = await app.api.admin.sources.upload(file);
      handed = { ...kept, name: file.name };
      app.go(`/admin/sources/new/${kept.kind}`);
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  const choose = (kind: string) => {
    handed = null;
    app.go(`/admin/sources/new/${kind}`);
  };
  return (
    <div className="stack" style={{ gap: 24 }}>
      {problem && <ProblemNotice problem={problem} />}
      <DropZone title={t("source.drop")} accept={FILES} busy={busy} onFile={(file) => void upload(file)}>{t("source.dropText")}</DropZone>
      <h2>{t("source.choose")}</h2>
      <ul className="kinds" aria-label={t("source.choose")}>
        {Object.entries(KINDS).map(([kind, icon]) => (
          <li key={kind}>
            <button type="button" className="plain kind" onClick={() => choose(kind)}>
              <Icon name={icon} size={28} />
              <span><strong>{word("source.kind", kind)}</strong><span className="muted">{t(`source.about.${kind}` as Key)}</span></span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
