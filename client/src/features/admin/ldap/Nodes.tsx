/** Nodes: roots under which telephones ask, each with its books, its form and its rights. */
import { bookName, nameOfBook } from "@core/books";
import { NUMBER_FORMATS } from "@core/admin/ldap";
import type { AdminLocation, BookView, LdapNode, LdapTemplate } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { CollectionPage } from "../CollectionPage";
import { GoneBooks } from "../GoneBooks";
import { NodeForm, type NodeLists } from "./NodeForm";

const EMPTY: NodeLists = { books: [], templates: [], locations: [] };

/** What nodes are made of. A list that cannot be read leaves its choices empty. */
export function useNodeLists(): NodeLists {
  const { api } = useApp();
  const { value } = useLoad(async () => {
    const read = <T,>(items: Promise<T[]>): Promise<T[]> => items.catch(() => []);
    const [books, templates, locations] = await Promise.all([
      read<BookView>(api.ldap.books()), read<LdapTemplate>(api.ldap.templates.list().then((page) => page.items)), read<AdminLocation>(api.admin.locations.list().then((page) => page.items)),
    ]);
    return { books, templates, locations };
  }, "ldap-lists");
  return value ?? EMPTY;
}

export function NodesPage() {
  const { api } = useApp();
  const { t, format } = useTexts();
  const lists = useNodeLists();
  const named = (id: string) => nameOfBook(lists.books, id, t);
  const { value: fleets } = useLoad(() => api.ldap.fleets.list(), "ldap-fleets");
  const templateName = (id: string) => lists.templates.find((template) => template.id === id)?.name ?? id;
  const formName = (form: string) => t(`location.format.${NUMBER_FORMATS.indexOf(form as "plain")}` as "location.format.0");
  const booksOf = (node: LdapNode) => (node.books === null ? t("ldap.allBooks") : format.list(node.books.map(named)) || t("ldap.noBooks"));
  const nameOf = (node: LdapNode) => node.name || node.suffix;
  const effects = (before: LdapNode | null, after: LdapNode | null): string[] => {
    if (!before) return [];
    if (!after) {
      const blind = (fleets?.items ?? []).filter((fleet) => fleet.node_id === before.id).map((fleet) => fleet.name);
      return [t("ldap.effect.nodeGone", { suffix: before.suffix }), ...(blind.length > 0 ? [t("ldap.effect.fleetsBlind", { fleets: format.list(blind) })] : [])];
    }
    return [
      before.suffix !== after.suffix && t("ldap.effect.suffix", { before: before.suffix, after: after.suffix }),
      after.books !== null && after.books.length === 0 && t("ldap.effect.noBooks"),
      (before.anonymous?.length ?? 0) > 0 && after.anonymous?.length === 0 && t("ldap.effect.mustBind"),
      before.anonymous?.length === 0 && (after.anonymous?.length ?? 0) > 0 && t("ldap.effect.needNotBind", { networks: format.list(after.anonymous ?? []) }),
    ].filter((effect): effect is string => Boolean(effect));
  };
  return (
    <CollectionPage<LdapNode>
      title={t("ldapTab.nodes")} text={t("ldap.nodesText")} icon="directory" addLabel={t("ldap.addNode")} emptyTitle={t("ldap.noNodes")} drawer={640}
      collection={api.ldap.nodes} nameOf={nameOf} searchText={(node) => [node.name, node.suffix, booksOf(node), templateName(node.template_id)].join(" ")}
      blank={{ name: "", suffix: "", books: null, phone_books: [], number_format: "plain", name_order: "as-is", order: "as-found", language: "", location_id: "", template_id: "", networks: [], anonymous: ["127.0.0.0/8", "::1/128"], size_limit: 0, gone: [] }}
      effects={effects} fixed={(node) => node.suffix === "dc=meta"}
      columns={[
        { title: t("ldap.node"), cell: (node) => <span className="stack" style={{ gap: 0 }}>{node.name && <span>{node.name}</span>}<span className={node.name ? "mono muted" : "mono"}>{node.suffix}</span></span> },
        { title: t("ldap.template"), cell: (node) => (node.template_id ? templateName(node.template_id) : <span className="muted">{t("ldap.noTemplate")}</span>) },
        { title: t("ldap.books"), cell: (node) => <>{booksOf(node)} <GoneBooks tag ids={node.gone} /></> },
        { title: t("ldap.numbers"), cell: (node) => formName(node.number_format) },
        { title: t("ldap.whoPart"), cell: (node) => <span className="mono">{format.list(node.networks ?? []) || <span className="tag">{t("ldap.everywhere")}</span>}</span> },
        { title: t("ldap.without"), cell: (node) => (node.anonymous?.length ? <span className="mono">{format.list(node.anonymous)}</span> : <span className="tag green">{t("ldap.mustBind")}</span>) },
      ]}
      fields={[
        { key: "name", label: "ldap.name", kind: "text" },
        { key: "suffix", label: "ldap.suffix", kind: "text" },
        { key: "template_id", label: "ldap.template", kind: "select", options: lists.templates.map((each) => ({ value: each.id, label: each.name })) },
        { key: "books", label: "ldap.books", kind: "multi", nothing: "ldap.allBooks", options: lists.books.map((each) => ({ value: each.id, label: bookName(each, t) })) },
        { key: "phone_books", label: "ldap.phoneBooks", kind: "multi", options: lists.books.map((each) => ({ value: each.id, label: bookName(each, t) })) },
        { key: "location_id", label: "people.location", kind: "select", options: lists.locations.map((each) => ({ value: each.id, label: each.name })) },
        { key: "number_format", label: "ldap.numberFormat", kind: "select", options: NUMBER_FORMATS.map((value) => ({ value, label: formName(value) })) },
        { key: "name_order", label: "ldap.nameOrder", kind: "select", options: (["as-is", "first-last", "last-first"] as const).map((value) => ({ value, label: t(`ldap.order.${value}`) })) },
        { key: "order", label: "ldap.sorted", kind: "select", options: (["as-found", "last-name", "first-name", "company"] as const).map((value) => ({ value, label: t(`ldap.sorted.${value}`) })) },
        { key: "language", label: "ldap.language", kind: "text" },
        { key: "networks", label: "ldap.networks", kind: "multi" },
        { key: "anonymous", label: "ldap.anonymous", kind: "multi" },
        { key: "size_limit", label: "ldap.sizeLimit", kind: "text" },
      ]}
      form={(form) => <NodeForm form={form} lists={lists} />}
    />
  );
}
