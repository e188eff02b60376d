/** Title of one source, with its kind and book, and the way between its settings and its runs. */
import { KINDS } from "@core/admin/sourceForm";
import type { SourceView } from "@core/api/types";
import { useApp, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";

export function SourceHead({ source, tab }: { source: SourceView; tab: "settings" | "runs" }) {
  const app = useApp();
  const { t, word } = useTexts();
  const base = `/admin/sources/${encodeURIComponent(source.id)}`;
  const link = (path: string, words: string, current: boolean) => (
    <a href={path} className="chip" aria-current={current ? "page" : undefined} data-current={current || undefined} style={{ textDecoration: "none" }} onClick={(event) => { event.preventDefault(); app.go(path); }}>{words}</a>
  );
  return (
    <header className="page-head stack">
      <nav className="muted" aria-label={t("admin.nav.sources")}><a href="/admin/sources" onClick={(event) => { event.preventDefault(); app.go("/admin/sources"); }}>{t("admin.nav.sources")}</a></nav>
      <div className="row wrap">
        <Icon name={KINDS[source.kind] ?? "file"} size={24} />
        <h1>{source.name}</h1>
        <span className="tag">{word("source.kind", source.kind)}</span>
        {!source.enabled && <span className="tag amber">{t("source.off")}</span>}
        <span className="row source-tabs">
          {link(base, t("source.tab.settings"), tab === "settings")}
          {link(`${base}/runs`, t("source.tab.runs"), tab === "runs")}
        </span>
      </div>
    </header>
  );
}
