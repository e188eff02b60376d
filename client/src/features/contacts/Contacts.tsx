/** Find somebody, see what is known, call them; add who is not known yet. */
import { dial } from "@core/actions/calls";
import { asProblem, type Problem } from "@core/api/problem";
import type { Hit } from "@core/api/types";
import { overtaken } from "@core/saving";
import { numbersOf } from "@core/search/find";
import { Avatar } from "@ui/Avatar";
import { ContactCard, History } from "@ui/contact";
import { AskedFirst } from "@ui/asking";
import { useApp, useLoad, useSelect, useTexts, useWidth } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ActionButton, EmptyState, IconButton, PrimaryButton, ProblemNotice } from "@ui/parts";
import { useSearch, Why } from "@ui/search";
import { Button } from "@mantine/core";
import { useState } from "react";
import { ContactForm } from "./ContactForm";
import "./contacts.css";

const recent: Hit[] = [];

/** Contacts opened lately, for the empty search field. Lives as long as the page. */
function remember(hit: Hit): void {
  const at = recent.findIndex((each) => each.id === hit.id);
  if (at >= 0) recent.splice(at, 1);
  recent.unshift(hit);
  recent.length = Math.min(recent.length, 12);
}

/** A contact that is no more is not among them. */
function forget(id: string): void {
  const at = recent.findIndex((each) => each.id === id);
  if (at >= 0) recent.splice(at, 1);
}

/** A contact is asked for by its id; no number is needed. */
const NOBODY = { canonical: "", number: "", alternatives: 0 };

export default function Contacts({ id }: { id: string | null }) {
  const app = useApp();
  const { t } = useTexts();
  const width = useWidth();
  const [query, setQuery] = useState("");
  const found = useSearch(query, 40);
  const hits = query.trim() ? found.hits.filter((hit) => hit.kind === "contact") : recent;
  const showList = width !== "phone" || id === null;
  const open = (hit: Hit) => {
    remember(hit);
    app.go(`/contacts/${encodeURIComponent(hit.id)}`);
  };
  return (
    <div className="page contacts" data-detail={id !== null || undefined}>
      {showList && (
        <section className="contacts-list" aria-label={t("nav.contacts")} onKeyDown={step}>
          <header className="row page-head">
            <h1 className="grow">{t("nav.contacts")}</h1>
            <PrimaryButton icon="plus" onClick={() => app.go("/contacts/new")}>{t("contact.new")}</PrimaryButton>
          </header>
          <input className="filter wide" type="search" data-roving autoFocus={width === "full"} aria-label={t("contact.search")} placeholder={t("contact.search")} value={query} onChange={(event) => setQuery(event.target.value)} />
          {found.waiting && <p className="muted" role="status">{t("search.waiting")}</p>}
          {hits.length === 0 && !found.searching && !found.waiting && (
            query.trim()
              ? <EmptyState icon="search" title={t("search.nothing", { query })} />
              : <EmptyState icon="contacts" title={t("contact.emptyTitle")}>{t("contact.emptyText")}</EmptyState>
          )}
          {query.trim() && hits[0]?.meant && <p className="muted" role="status">{t("search.meant", { words: hits[0].meant })}</p>}
          <ul className="contact-hits" aria-label={query ? t("search.results") : t("contact.recent")}>
            {hits.map((hit) => <ContactHit key={hit.id} hit={hit} query={query} current={hit.id === id} onOpen={() => open(hit)} />)}
          </ul>
        </section>
      )}
      {id !== null && (
        <section className="card contacts-detail" aria-label={t("window.contact")}>
          {width === "phone" && <IconButton icon="undo" label={t("action.back")} onClick={() => app.go("/contacts")} />}
          {id === "new" ? <NewContact key={window.location.search} /> : <ContactDetail id={id} key={id} />}
        </section>
      )}
      {id === null && width === "full" && <section className="card contacts-detail"><EmptyState icon="user" title={t("contact.chooseTitle")}>{t("contact.chooseText")}</EmptyState></section>}
    </div>
  );
}

/** From the search into what it found and back, by arrow keys. */
function step(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-roving]")];
  const at = all.indexOf(event.target as HTMLElement);
  if (at < 0) return;
  all[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  event.preventDefault();
}

function ContactHit({ hit, query, current, onOpen }: { hit: Hit; query: string; current: boolean; onOpen: () => void }) {
  const { t } = useTexts();
  const number = numbersOf(hit, query)[0];
  const sources = hit.origins.length > 1 ? t("contact.sources", { count: hit.origins.length }) : "";
  return (
    <li className="row" data-current={current || undefined}>
      <button type="button" className="plain row grow contact-hit" data-roving aria-current={current || undefined} onClick={onOpen}>
        <Avatar name={hit.title} size={36} />
        <span className="grow">
          <span className="row"><span className="clip grow" style={{ fontWeight: 500 }}>{hit.title}</span><Why hit={hit} query={query} /></span>
          <span className="row muted contact-sub">
            <span className="clip grow">{[hit.subtitle, sources].filter(Boolean).join(" · ")}</span>
            {number && <span className="num">{number.display}</span>}
          </span>
        </span>
      </button>
      {number && <ActionButton action={dial} target={{ to: number.canonical }} className="tool call" label={`${hit.title}, ${number.display}`} />}
    </li>
  );
}

function NewContact() {
  const app = useApp();
  const given = new URLSearchParams(window.location.search).get("number") ?? "";
  return <ContactForm given={given} onDone={(id) => app.go(`/contacts/${encodeURIComponent(id)}`)} onCancel={() => app.go("/contacts")} />;
}

/** A contact; who wrote it may change and delete it here. */
function ContactDetail({ id }: { id: string }) {
  const app = useApp();
  const { t } = useTexts();
  const missing = useSelect((state) => state.link !== "live");
  const [round, setRound] = useState(0);
  const [state, setState] = useState<"shown" | "edited">("shown");
  const [refused, setRefused] = useState<Problem | null>(null);
  const { value: contact, reload } = useLoad(() => app.api.contacts.get(id), id);
  const again = () => {
    setRound((now) => now + 1);
    reload();
  };
  const refuse = (error: unknown) => {
    const failed = asProblem(error);
    setRefused(failed);
    if (overtaken(failed)) again();
  };
  const remove = (etag: string) => app.api.contacts.remove(id, etag).then(() => { forget(id); app.go("/contacts"); }, refuse);
  const edited = () => {
    setState("shown");
    setRefused(null);
    again();
  };
  if (state === "edited" && contact) return <ContactForm contact={contact} onDone={edited} onCancel={() => setState("shown")} onOvertaken={again} />;
  return (
    <div className="stack" style={{ gap: 24 }}>
      <ContactCard id={id} key={round} />
      {contact?.editable && (
        <div className="row wrap">
          <Button variant="default" leftSection={<Icon name="edit" size={16} />} onClick={() => setState("edited")}>{t("contact.edit")}</Button>
          <AskedFirst sure={t("admin.reallyDelete", { name: contact.display_name })} onSure={() => void remove(contact.etag)} />
        </div>
      )}
      {refused && <ProblemNotice problem={refused} />}
      <section className="stack">
        <h3>{t("window.history")}</h3>
        {missing ? <p className="muted">{t("why.offline")}</p> : <History party={NOBODY} contactId={id} limit={20} />}
      </section>
    </div>
  );
}
