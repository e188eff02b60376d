/** People, groups and lines: three lists of the same make. */
import type { AdminGroup, AdminLine, AdminPerson } from "@core/api/types";
import { LOCALES } from "@core/i18n/translate";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Avatar } from "@ui/Avatar";
import { CollectionPage } from "./CollectionPage";
import { AddDiscovered } from "./lines/Discovered";
import { TakeOver } from "./people/TakeOver";
import { useEffects } from "./effects";
import type { Option } from "./RecordForm";

interface Lists {
  people: AdminPerson[];
  groups: AdminGroup[];
  lines: AdminLine[];
  locations: Option[];
  connectors: Option[];
}

const EMPTY: Lists = { people: [], groups: [], lines: [], locations: [], connectors: [] };

/** What the forms offer to choose from. A list that cannot be read leaves its choices empty. */
function useLists(key: string): Lists {
  const { api } = useApp();
  const { value } = useLoad(async () => {
    const admin = api.admin;
    const read = <T,>(list: () => Promise<{ items: T[] }>): Promise<T[]> => list().then((page) => page.items, () => []);
    const [people, groups, lines, locations, connectors] = await Promise.all([
      read(admin.people.list), read(admin.groups.list), read(admin.lines.list), read(admin.locations.list), read(admin.connectors.list),
    ]);
    const option = (item: { id: string; name: string }): Option => ({ value: item.id, label: item.name });
    return { people, groups, lines, locations: locations.map(option), connectors: connectors.map(option) };
  }, key);
  return value ?? EMPTY;
}

const lineName = (line: AdminLine): string => [line.number || line.device, line.name].filter(Boolean).join(" ");
const labelOf = (options: readonly Option[], id: string): string => options.find((option) => option.value === id)?.label ?? id;

export function PeoplePage() {
  const { api } = useApp();
  const { t } = useTexts();
  const lists = useLists("people");
  const users = (line: AdminLine) => line.user_ids.map((id) => lists.people.find((person) => person.id === id)?.name ?? "").filter((name) => name && name !== line.name);
  const lines = lists.lines.map((line) => ({ value: line.id, label: [lineName(line), ...users(line)].join(" · ") }));
  const numbers = lists.lines.map((line) => ({ value: line.id, label: line.number || line.device }));
  const groups = lists.groups.map((group) => ({ value: group.id, label: group.name }));
  const effects = useEffects();
  return (
    <CollectionPage<AdminPerson>
      title={t("admin.nav.people")} text={t("people.text")} icon="users" addLabel={t("people.add")} emptyTitle={t("people.empty")}
      more={(onAdded) => <TakeOver onAdded={onAdded} />}
      collection={api.admin.people} nameOf={(person) => person.name || person.login}
      searchText={(person) => [person.name, person.login, person.department, person.mail, ...person.line_ids.map((id) => labelOf(lines, id))].join(" ")}
      blank={{ login: "", name: "", given_name: "", family_name: "", mail: "", title: "", department: "", mobile: "", location_id: lists.locations[0]?.value ?? "", locale: "", admin: false, active: true, group_ids: [], line_ids: [], password: "" }}
      columns={[
        { title: t("people.name"), cell: (person) => <span className="row"><Avatar name={person.name || person.login} size={28} />{person.name || person.login}</span> },
        { title: t("people.login"), cell: (person) => person.login },
        { title: t("people.department"), cell: (person) => person.department },
        { title: t("admin.nav.lines"), cell: (person) => person.line_ids.map((id) => labelOf(numbers, id)).join(", ") },
        { title: t("people.state"), cell: (person) => <>{person.admin && <span className="tag accent">{t("people.admin")}</span>} {!person.active && <span className="tag">{t("people.inactive")}</span>}</> },
      ]}
      effects={(before, after) => effects.ofPerson(before, after, (id) => labelOf(lines, id), (id) => labelOf(groups, id))} undoLimit={t("people.undoLimit")}
      bulk={[{ title: t("people.deactivate"), change: { active: false } }, { title: t("people.activate"), change: { active: true } }]}
      fields={[
        { key: "name", label: "people.name", kind: "text", required: true },
        { key: "given_name", label: "contact.firstName", kind: "text" },
        { key: "family_name", label: "contact.lastName", kind: "text" },
        { key: "login", label: "people.login", kind: "text", required: true, help: "people.loginHelp" },
        { key: "password", label: "people.password", kind: "password", help: "people.passwordHelp", fresh: { label: "people.firstPassword", help: "people.firstPasswordHelp" } },
        { key: "mail", label: "contact.mail", kind: "text" },
        { key: "title", label: "people.title", kind: "text" },
        { key: "department", label: "people.department", kind: "text" },
        { key: "mobile", label: "number.mobile", kind: "text" },
        { key: "line_ids", label: "admin.nav.lines", kind: "multi", options: lines, help: "people.linesHelp" },
        { key: "group_ids", label: "admin.nav.groups", kind: "multi", options: groups },
        { key: "location_id", label: "people.location", kind: "select", options: lists.locations, clearable: true },
        { key: "locale", label: "settings.language", kind: "select", options: LOCALES.map((each) => ({ value: each.locale, label: each.name })), nothing: "settings.languageBrowser", clearable: true },
        { key: "admin", label: "people.admin", kind: "switch", help: "people.adminHelp" },
        { key: "active", label: "people.active", kind: "switch", help: "people.activeHelp" },
      ]}
    />
  );
}

export function GroupsPage() {
  const { api } = useApp();
  const { t } = useTexts();
  const lists = useLists("groups");
  const people = lists.people.map((person) => ({ value: person.id, label: person.name || person.login }));
  const effects = useEffects();
  const names = (ids: readonly string[]) => ids.map((id) => labelOf(people, id)).join(", ");
  return (
    <CollectionPage<AdminGroup>
      title={t("admin.nav.groups")} text={t("groups.text")} icon="group" addLabel={t("groups.add")} emptyTitle={t("groups.empty")}
      collection={api.admin.groups} nameOf={(group) => group.name} searchText={(group) => `${group.name} ${names(group.member_ids)}`}
      blank={{ name: "", member_ids: [], leader_ids: [] }} bulk={[]} effects={effects.ofGroup} undoLimit={t("groups.undoLimit")}
      columns={[
        { title: t("groups.name"), cell: (group) => group.name },
        { title: t("groups.members"), cell: (group) => <span title={names(group.member_ids)}>{t("groups.count", { count: group.member_ids.length })}</span> },
        { title: t("groups.leaders"), cell: (group) => names(group.leader_ids) },
      ]}
      fields={[
        { key: "name", label: "groups.name", kind: "text", required: true },
        { key: "member_ids", label: "groups.members", kind: "multi", options: people },
        { key: "leader_ids", label: "groups.leaders", kind: "multi", options: people, help: "groups.leadersHelp" },
      ]}
    />
  );
}

export function LinesPage() {
  const { api } = useApp();
  const { t } = useTexts();
  const lists = useLists("lines");
  const people = lists.people.map((person) => ({ value: person.id, label: person.name || person.login }));
  const effects = useEffects();
  const kinds = (["extension", "trunk", "queue", "group"] as const).map((value) => ({ value, label: t(`line.kind.${value}`) }));
  return (
    <CollectionPage<AdminLine>
      title={t("admin.nav.lines")} text={t("lines.text")} icon="deskPhone" addLabel={t("lines.add")} emptyTitle={t("lines.empty")}
      more={(onAdded) => <AddDiscovered people={lists.people.filter((person) => person.active).map((person) => ({ value: person.id, label: person.name || person.login }))} connectors={lists.connectors} onAdded={onAdded} />}
      collection={api.admin.lines} nameOf={lineName} searchText={(line) => `${lineName(line)} ${line.device} ${line.user_ids.map((id) => labelOf(people, id)).join(" ")}`}
      blank={{ connector: lists.connectors[0]?.value ?? "", device: "", number: "", name: "", location_id: lists.locations[0]?.value ?? "", kind: "extension", journal: true, private: false, user_ids: [] }}
      columns={[
        { title: t("lines.number"), cell: (line) => <span className="num">{line.number || line.device}</span> },
        { title: t("lines.name"), cell: (line) => line.name },
        { title: t("lines.users"), cell: (line) => line.user_ids.map((id) => labelOf(people, id)).join(", ") || <span className="tag amber">{t("lines.nobody")}</span> },
        { title: t("lines.connector"), cell: (line) => labelOf(lists.connectors, line.connector) },
        { title: t("lines.kind"), cell: (line) => <>{t(`line.kind.${line.kind}`)} {line.private && <span className="tag violet">{t("lines.private")}</span>} {!line.journal && <span className="tag">{t("lines.noJournal")}</span>}</> },
      ]}
      effects={(before, after) => effects.ofLine(before, after, lineName)}
      bulk={[
        { title: t("lines.journalOn"), change: { journal: true } }, { title: t("lines.journalOff"), change: { journal: false } },
        ...lists.locations.map((location) => ({ title: t("lines.moveTo", { name: location.label }), change: { location_id: location.value } })),
      ]}
      fields={[
        { key: "connector", label: "lines.connector", kind: "select", options: lists.connectors },
        { key: "device", label: "lines.device", kind: "text", required: true, help: "lines.deviceHelp" },
        { key: "number", label: "lines.number", kind: "text", help: "lines.numberHelp" },
        { key: "name", label: "lines.name", kind: "text" },
        { key: "user_ids", label: "lines.users", kind: "multi", options: people },
        { key: "location_id", label: "people.location", kind: "select", options: lists.locations, clearable: true },
        { key: "kind", label: "lines.kind", kind: "select", options: kinds },
        { key: "journal", label: "lines.journal", kind: "switch", help: "lines.journalHelp" },
        { key: "private", label: "lines.private", kind: "switch", help: "lines.privateHelp" },
      ]}
    />
  );
}
