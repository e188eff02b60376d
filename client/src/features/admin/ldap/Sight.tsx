/** "What does Anna see?": the books, how many contacts, through which nodes, and why. */
import { nameOfBook } from "@core/books";
import type { BookView, Kind, LdapProfile, LdapSight } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { ProblemNotice, SkeletonRows } from "@ui/parts";
import { Fragment, useState } from "react";
import type { Option } from "../RecordForm";
import { WhoSelect } from "./WhoSelect";

export interface SightLists {
  books: readonly BookView[];
  users: readonly Option[];
  people: readonly Option[];
  groups: readonly Option[];
  profiles: readonly LdapProfile[];
}

export function Sight({ lists, round }: { lists: SightLists; round: number }) {
  const app = useApp();
  const { t } = useTexts();
  const [who, setWho] = useState<{ kind: Kind; id: string }>({ kind: "anonymous", id: "" });
  const { value, problem, reload } = useLoad((signal) => app.api.ldap.sight(who.kind, who.id, signal), JSON.stringify([who, round]));
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("ldap.sight")}>
      <h2>{t("ldap.sight")}</h2>
      <WhoSelect label={t("ldap.sightWho")} value={who} users={lists.users} people={lists.people} onChange={setWho} />
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {!value && !problem && <SkeletonRows rows={3} height={28} />}
      <div aria-live="polite">{value && <Seen sight={value} lists={lists} />}</div>
    </section>
  );
}

function Seen({ sight, lists }: { sight: LdapSight; lists: SightLists }) {
  const { t, format } = useTexts();
  const profiles = sight.profiles.map((id) => lists.profiles.find((profile) => profile.id === id)?.name ?? id);
  const bookName = (id: string) => nameOfBook(lists.books, id, t);
  return (
    <div className="stack" style={{ gap: 12 }} data-testid="sight">
      <p><strong>{t("ldap.seesContacts", { count: sight.contacts })}</strong> <span className="muted">{t(`ldap.why.${sight.why}`, { profiles: format.list(profiles) })}</span></p>
      {sight.books.length > 0 && (
        <ul className="plain-list" aria-label={t("ldap.books")}>
          {sight.books.map((book) => <li key={book.id} className="row"><span className="grow">{bookName(book.id)}</span><span className="num muted">{t("ldap.contacts", { count: book.contacts })}</span></li>)}
        </ul>
      )}
      {sight.nodes.length > 0 && sight.contacts > 0 && (
        <table className="table labelled" aria-label={t("ldap.throughNodes")} style={{ cursor: "default" }}>
          <thead><tr><th scope="col">{t("ldap.throughNodes")}</th><th scope="col">{t("ldap.books")}</th><th scope="col">{t("book.contacts")}</th></tr></thead>
          <tbody>{sight.nodes.map((node) => <tr key={node.id} style={{ cursor: "default" }}><td className="mono"><Suffix text={node.suffix} /></td><td data-label={t("ldap.books")}>{format.list(node.books.map(bookName)) || "–"}</td><td className="num" data-label={t("book.contacts")}>{format.number(node.contacts)}</td></tr>)}</tbody>
        </table>
      )}
    </div>
  );
}

/** A distinguished name that breaks behind its commas. */
function Suffix({ text }: { text: string }) {
  return text.split(/(?<=,)/).map((part, index) => <Fragment key={index}>{index > 0 && <wbr />}{part}</Fragment>);
}
