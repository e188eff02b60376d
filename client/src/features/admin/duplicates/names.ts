/** What books are called, for entries that name them by id. */
import { bookName } from "@core/books";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { useCallback } from "react";

export function useBookNames(): (book: string) => string {
  const app = useApp();
  const { t } = useTexts();
  const { value } = useLoad(() => app.api.admin.books.list(), "books");
  return useCallback((id: string) => bookName(value?.items.find((book) => book.id === id) ?? { id, name: id }, t), [value, t]);
}
