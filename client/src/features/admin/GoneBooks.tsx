/** Books that something names and that were removed: which, and what to do. */
import { useTexts } from "@ui/hooks";
import { Notice } from "@ui/parts";

export function GoneBooks({ ids, tag = false }: { ids: readonly string[] | undefined; tag?: boolean }) {
  const { t, format } = useTexts();
  if (!ids?.length) return null;
  const words = t("book.gone", { count: ids.length, books: format.list([...ids]) });
  return tag ? <span className="tag red">{words}</span> : <Notice tone="error">{words} {t("book.goneChoose")}</Notice>;
}
