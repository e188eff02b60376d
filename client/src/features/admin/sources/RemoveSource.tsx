/** Forgets a source, after asking; its book stays. */
import type { SourceView } from "@core/api/types";
import { AskedFirst } from "@ui/asking";
import { useApp, useTexts } from "@ui/hooks";

export function RemoveSource({ source, onRefused }: { source: SourceView; onRefused: (error: unknown) => void }) {
  const app = useApp();
  const { t } = useTexts();
  const remove = () => app.api.admin.sources.remove(source.id, source.etag).then(() => app.go("/admin/sources"), onRefused);
  return (
    <AskedFirst sure={t("admin.reallyDelete", { name: source.name })} onSure={() => void remove()}>{t("source.removeText", { book: source.book.name, count: source.book.contacts })}</AskedFirst>
  );
}
