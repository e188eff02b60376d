/** Profiles: who sees which books; and what somebody sees after all. */
import { bookName, nameOfBook } from "@core/books";
import type { BookView, LdapProfile, PhoneFleet } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { useState } from "react";
import { CollectionPage } from "../CollectionPage";
import { GoneBooks } from "../GoneBooks";
import type { Option } from "../RecordForm";
import { Sight, type SightLists } from "./Sight";

interface Lists extends SightLists {
  fleets: readonly PhoneFleet[];
}

const EMPTY: Lists = { books: [], users: [], people: [], groups: [], profiles: [], fleets: [] };

function useLists(key: string): Lists {
  const { api } = useApp();
  const { value } = useLoad(async () => {
    const read = <T,>(items: Promise<T[]>): Promise<T[]> => items.catch(() => []);
    const [books, users, people, groups, profiles, fleets] = await Promise.all([
      read<BookView>(api.ldap.books()), read(api.ldap.users.list().then((page) => page.items)), read(api.admin.people.list().then((page) => page.items)),
      read(api.admin.groups.list().then((page) => page.items)), read(api.ldap.profiles.list().then((page) => page.items)),
      read(api.ldap.fleets.list().then((page) => page.items)),
    ]);
    return {
      books, profiles, fleets, users: users.map((user) => ({ value: user.id, label: user.name })), people: people.map((person) => ({ value: person.id, label: person.name || person.login })),
      groups: groups.map((group) => ({ value: group.id, label: group.name })),
    };
  }, key);
  return value ?? EMPTY;
}

export function ProfilesPage() {
  const { api } = useApp();
  const { t, format } = useTexts();
  const [round, setRound] = useState(0);
  const lists = useLists(`ldap-sight|${round}`);
  const gone = [...new Set(lists.profiles.flatMap((profile) => profile.gone ?? []))].map((id) => ({ value: id, label: t("book.gone", { count: 1, books: id }) }));
  const books = [...lists.books.map((book) => ({ value: book.id, label: `${bookName(book, t)} (${format.number(book.contacts)})` })), ...gone];
  const named = (options: readonly Option[], ids: readonly string[] | undefined) => (ids ?? []).map((id) => options.find((option) => option.value === id)?.label ?? id);
  const bookNames = (ids: readonly string[] | undefined) => (ids ?? []).map((id) => nameOfBook(lists.books, id, t));
  const who = (profile: LdapProfile) => [
    ...named(lists.users, profile.users), ...named(lists.people, profile.people), ...named(lists.groups, profile.groups).map((name) => t("ldap.group", { name })),
    ...(profile.directory_groups ?? []).map((name) => t("ldap.directoryGroup", { name })),
    ...lists.fleets.filter((fleet) => fleet.profile_id === profile.id).map((fleet) => t("ldap.fleetNamed", { name: fleet.name })),
    ...(profile.everybody ? [t("ldap.everybody")] : []),
  ];
  const effects = (before: LdapProfile | null, after: LdapProfile | null): string[] => {
    if (!after) return []; // only one that nobody has is removed
    const [old, fresh] = [before ? who(before) : [], who(after)];
    const lost = old.filter((name) => !fresh.includes(name));
    const gone = bookNames(before?.books).filter((book) => !bookNames(after.books).includes(book));
    const stay = old.filter((name) => fresh.includes(name));
    return [
      lost.length > 0 && bookNames(before?.books).length > 0 && t("ldap.effect.profileLost", { who: format.list(lost), books: format.list(bookNames(before?.books)) }),
      stay.length > 0 && gone.length > 0 && t("ldap.effect.profileLost", { who: format.list(stay), books: format.list(gone) }),
    ].filter((each): each is string => Boolean(each));
  };
  /** After every change the picture of who sees what is read again. */
  const collection = { ...api.ldap.profiles, list: () => api.ldap.profiles.list().then((page) => {
    setRound((now) => now + 1);
    return page;
  }) };
  return (
    <div className="ldap-two ldap-wider">
      <div>
        <GoneBooks ids={gone.map(({ value }) => value)} />
        <CollectionPage<LdapProfile>
          title={t("ldapTab.profiles")} text={t("ldap.profilesText")} icon="lock" addLabel={t("ldap.addProfile")} emptyTitle={t("ldap.noProfiles")}
          collection={collection} nameOf={(profile) => profile.name} searchText={(profile) => [profile.name, ...bookNames(profile.books), ...who(profile)].join(" ")}
          blank={{ name: "", books: [], users: [], people: [], groups: [], directory_groups: [], everybody: false, gone: [] }} effects={effects}
          columns={[
            { title: t("ldap.name"), cell: (profile) => profile.name },
            { title: t("ldap.books"), cell: (profile) => <>{format.list(bookNames(profile.books)) || <span className="tag amber">{t("ldap.noBooks")}</span>} <GoneBooks tag ids={profile.gone} /></> },
            { title: t("ldap.who"), cell: (profile) => format.list(who(profile)) || <span className="tag">{t("ldap.nobody")}</span> },
          ]}
          fields={[
            { key: "name", label: "ldap.name", kind: "text", required: true },
            { key: "books", label: "ldap.books", kind: "multi", options: books, help: "ldap.profileBooksHelp" },
            { key: "users", label: "ldapTab.users", kind: "multi", options: lists.users },
            { key: "people", label: "admin.nav.people", kind: "multi", options: lists.people },
            { key: "groups", label: "admin.nav.groups", kind: "multi", options: lists.groups },
            { key: "directory_groups", label: "ldap.directoryGroups", kind: "lines", help: "ldap.directoryGroupsHelp" },
            { key: "everybody", label: "ldap.everybodyLabel", kind: "switch", help: "ldap.everybodyHelp" },
          ]}
        />
      </div>
      <Sight lists={lists} round={round} />
    </div>
  );
}
