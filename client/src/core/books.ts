/** Address books as people read of them. Pure. */
import type { Format } from "./i18n/format";
import type { Translate } from "./i18n/translate";

/** The book of contacts written by hand is called by everybody in their own language. */
export const OWN = "own";

export function bookName(book: { id: string; name: string }, t: Translate): string {
  return book.id === OWN ? t("book.own") : book.name || book.id;
}

/** A book by its id; the id where it is gone. */
export function nameOfBook(books: readonly { id: string; name: string }[], id: string, t: Translate): string {
  const book = books.find((each) => each.id === id);
  return book ? bookName(book, t) : id;
}

const UNITS = ["B", "kB", "MB", "GB"];

/** 1.5 MB */
export function sizeOf(bytes: number, format: Format): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${format.number(power > 0 && value < 10 ? Math.round(value * 10) / 10 : Math.round(value))} ${UNITS[power] ?? ""}`;
}
