/** Address books: what there is, from where, how large; made, renamed, deleted. */
import { onTop } from "@core/diff";
import { overtaken, savedOnTop } from "@core/saving";
import { asProblem, type Problem } from "@core/api/problem";
import type { BookDetail } from "@core/api/types";
import { bookName, sizeOf } from "@core/books";
import { AskedFirst, besides, landing, useLanding } from "@ui/asking";
import { newest, useBeneath } from "@ui/beneath";
import { DifferenceList, type Named } from "@ui/DifferenceList";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { EmptyState, FormProblem, Notice, PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button, Drawer, TextInput } from "@mantine/core";
import { useState } from "react";

export default function Books() {
  const app = useApp();
  const { t } = useTexts();
  const { value, problem, reload } = useLoad(() => app.api.admin.books.list(), "books");
  const [opened, setOpened] = useState<BookDetail | "new" | null>(null);
  const edited = opened && opened !== "new" ? newest(opened, value?.items) : opened;
  const [said, setSaid] = useState("");
  const land = useLanding(value);
  const done = (words: string, gone: boolean) => {
    if (gone && edited && edited !== "new") land(...besides(value?.items ?? [], new Set([edited.id])), "add");
    setOpened(null);
    setSaid(words);
    reload();
  };
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.books")}</h1><p className="muted">{t("book.text")}</p></div>
        <PrimaryButton icon="plus" {...landing("add")} onClick={() => setOpened("new")}>{t("book.add")}</PrimaryButton>
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {said && <Notice tone="good">{said}</Notice>}
      {!value && !problem && <SkeletonRows rows={4} />}
      {value && <BookTable books={value.items} onOpen={setOpened} />}
      {value?.items.every((book) => book.own) && <EmptyState icon="contacts" title={t("book.onlyOwn")} action={<PrimaryButton icon="plus" onClick={() => app.go("/admin/sources/new")}>{t("source.add")}</PrimaryButton>}>{t("book.onlyOwnText")}</EmptyState>}
      <Drawer opened={edited !== null} onClose={() => setOpened(null)} position="right" size={480} title={edited === "new" ? t("book.add") : edited ? bookName(edited, t) : ""} closeButtonProps={{ "aria-label": t("action.close") }}>
        {edited !== null && <BookForm book={edited === "new" ? null : edited} onDone={done} onOvertaken={reload} key={edited === "new" ? "new" : edited.id} />}
      </Drawer>
    </>
  );
}

/** Columns of figures, which are compared from right to left. */
const FIGURES: ReadonlySet<string> = new Set(["contacts", "size"]);

function BookTable({ books, onOpen }: { books: readonly BookDetail[]; onOpen: (book: BookDetail) => void }) {
  const app = useApp();
  const { t, format, word } = useTexts();
  return (
    <div className="card table-frame">
      <table className="table labelled" aria-label={t("admin.nav.books")}>
        <thead><tr>{(["name", "contacts", "source", "size", "changed"] as const).map((column) => <th key={column} scope="col" className={FIGURES.has(column) ? "figure-cell" : undefined}>{t(`book.${column}`)}</th>)}</tr></thead>
        <tbody>
          {books.map((book) => (
            <tr key={book.id} onClick={() => onOpen(book)}>
              <td data-label={t("book.name")}><button type="button" className="plain table-name" {...landing(book.id)} onClick={(event) => { event.stopPropagation(); onOpen(book); }}>{bookName(book, t)}</button></td>
              <td className="num figure-cell" data-label={t("book.contacts")}>{book.waiting ? <span className="muted">{t("book.waiting")}</span> : format.number(book.contacts)}</td>
              <td data-label={t("book.source")}>
                {book.source && <a href={`/admin/sources/${book.source.id}`} onClick={(event) => { event.preventDefault(); event.stopPropagation(); app.go(`/admin/sources/${book.source?.id ?? ""}`); }}>{book.source.name}</a>}
                {book.source && <span className="muted"> {word("source.kind", book.source.kind)}</span>}
                {!book.source && <span className="muted">{t(book.own ? "book.byHand" : "book.noSource")}</span>}
              </td>
              <td className="num figure-cell" data-label={t("book.size")}>{book.bytes > 0 ? sizeOf(book.bytes, format) : <span className="muted">{t("book.empty")}</span>}</td>
              <td className="num" data-label={t("book.changed")}>{book.changed ? format.moment(book.changed, app.now()) : <span className="muted">{t(book.contacts > 0 ? "book.changeUnknown" : "book.notYet")}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const FIELDS: readonly Named[] = [{ key: "name", label: "book.name" }];

interface FormProps {
  book: BookDetail | null;
  onDone: (words: string, gone: boolean) => void;
  /** Somebody else has saved it. */
  onOvertaken: () => void;
}

function BookForm({ book, onDone, onOvertaken }: FormProps) {
  const app = useApp();
  const { t } = useTexts();
  const problemText = useProblemText();
  const { value: { name }, setValue, theirs } = useBeneath({ name: book?.name ?? "" });
  const [problem, setProblem] = useState<Problem | null>(null);
  const wrong = problem?.data.field === "book" ? problem : null;
  if (book?.own) return <p>{t("book.ownText", { count: book.contacts })}</p>;
  const api = app.api.admin.books;
  const attempt = async (run: () => Promise<unknown>, words: string, gone = false) => {
    try {
      await run();
      onDone(words, gone);
    } catch (error) {
      const failed = asProblem(error);
      setProblem(failed);
      if (overtaken(failed)) onOvertaken();
    }
  };
  const renamed = (from: BookDetail) => savedOnTop(from, {
    merged: (now: BookDetail | undefined) => onTop({ name: from.name }, { name }, now && { name: now.name }),
    put: (body, etag) => api.replace(from.id, body, etag),
    load: async () => (await api.list()).items.find((each) => each.id === from.id),
  });
  const save = () => attempt(() => (book ? renamed(book) : api.create({ name })), t("admin.saved", { name: name.trim() }));
  const remove = () => book && attempt(() => api.remove(book.id, book.etag), t("admin.removed", { name: book.name }), true);
  return (
    <form className="stack" style={{ gap: 16 }} onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <TextInput label={t("book.name")} description={t(book ? "book.renameHelp" : "book.newHelp")} value={name} maxLength={60} required withAsterisk={false} error={wrong ? problemText(wrong) : null} onChange={(event) => setValue({ name: event.currentTarget.value })} />
      {problem && !wrong && <FormProblem problem={problem} />}
      {theirs.length > 0 && <DifferenceList title={t("diff.theirs")} changes={theirs} fields={FIELDS} />}
      <div className="row wrap">
        {book && (
          <AskedFirst sure={t("admin.reallyDelete", { name: book.name })} onSure={() => void remove()}>
            {t("book.removeText", { count: book.contacts })} {book.source && t("book.removeSource", { name: book.source.name })}
          </AskedFirst>
        )}
        <span className="grow" />
        <Button type="submit" disabled={!name.trim() || name.trim() === book?.name}>{t("action.save")}</Button>
      </div>
    </form>
  );
}
