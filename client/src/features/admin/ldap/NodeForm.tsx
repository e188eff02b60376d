/** One node: what it is called, what it shows and how, who may ask, and how its telephones ask. */
import { bookName } from "@core/books";
import { suffixOf } from "@core/admin/ldap";
import type { AdminLocation, BookView, LdapNode, LdapTemplate } from "@core/api/types";
import { useTexts } from "@ui/hooks";
import { MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { FormState } from "../CollectionPage";
import { GoneBooks } from "../GoneBooks";
import { Mappings } from "./Mappings";
import { NetworkField } from "./NetworkField";
import { NumberForms } from "./NumberForms";

const EVERYWHERE = ["0.0.0.0/0", "::/0"];
const HERE = ["127.0.0.0/8", "::1/128"];
const LANGUAGES = ["bs", "cs", "da", "de", "en", "es", "et", "fi", "fr", "hr", "hu", "is", "it", "lt", "lv", "nb", "nl", "pl", "pt", "ro", "sk", "sl", "sv", "tr"];

export interface NodeLists {
  books: readonly BookView[];
  templates: readonly LdapTemplate[];
  locations: readonly AdminLocation[];
}

export function NodeForm({ form, lists }: { form: FormState; lists: NodeLists }) {
  const { t } = useTexts();
  const node = form.values as unknown as LdapNode;
  const set = <K extends keyof LdapNode>(key: K, value: LdapNode[K]) => form.onChange(key, value);
  const wrong = (key: keyof LdapNode) => (form.wrong?.field === key ? form.wrong.text : null);
  const gone = node.gone ?? [];
  const books = [...lists.books.map((book) => ({ value: book.id, label: bookName(book, t) })), ...gone.map((id) => ({ value: id, label: t("book.gone", { count: 1, books: id }) }))];
  const location = lists.locations.find((each) => each.id === node.location_id) ?? lists.locations[0];
  const template = lists.templates.find((each) => each.id === node.template_id);
  const rename = (name: string) => {
    if (form.fresh && node.suffix === suffixOf(node.name)) set("suffix", suffixOf(name));
    set("name", name);
  };
  return (
    <div className="stack" style={{ gap: 16 }}>
      <div className="two">
        <TextInput label={t("ldap.name")} value={node.name} error={wrong("name")} data-autofocus onChange={(event) => rename(event.currentTarget.value)} />
        <TextInput label={t("ldap.suffix")} value={node.suffix} error={wrong("suffix")} required withAsterisk={false} spellCheck={false} onChange={(event) => set("suffix", event.currentTarget.value)} />
      </div>
      <p className="field-help">{t("ldap.suffixHelp")}</p>
      <Select
        label={t("ldap.template")} description={t("ldap.templateHelp")} clearable searchable nothingFoundMessage={t("admin.nothingFound")}
        data={lists.templates.map((each) => ({ value: each.id, label: each.name }))} value={node.template_id || null} onChange={(next) => set("template_id", next ?? "")}
      />
      {template && <details><summary>{t("ldap.mappingsOf", { name: template.name })}</summary><Mappings template={template} /></details>}
      <Part title={t("ldap.booksPart")}>
        <GoneBooks ids={gone} />
        <Choice
          legend={t("ldap.books")} value={node.books === null ? "all" : "some"} options={[["all", t("ldap.allBooks"), ""], ["some", t("ldap.someBooks"), ""]]}
          onChange={(next) => set("books", next === "all" ? null : [])}
        />
        {node.books !== null && <MultiSelect aria-label={t("ldap.someBooks")} placeholder={t("ldap.chooseBooks")} data={books} value={node.books} error={wrong("books")} searchable hidePickedOptions nothingFoundMessage={t("admin.nothingFound")} onChange={(next) => set("books", next)} />}
        <MultiSelect label={t("ldap.phoneBooks")} description={t("ldap.phoneBooksHelp")} data={books.filter((book) => node.books === null || node.books.includes(book.value))} value={node.phone_books ?? []} searchable hidePickedOptions nothingFoundMessage={t("admin.nothingFound")} onChange={(next) => set("phone_books", next)} />
      </Part>
      <Part title={t("ldap.shownPart")}>
        <Select label={t("people.location")} description={t("ldap.locationHelp")} clearable placeholder={lists.locations[0]?.name} data={lists.locations.map((each) => ({ value: each.id, label: each.name }))} value={node.location_id || null} onChange={(next) => set("location_id", next ?? "")} />
        <NumberForms value={node.number_format} location={location} onChange={(next) => set("number_format", next)} />
        <Choice
          legend={t("ldap.nameOrder")} value={node.name_order ?? "as-is"}
          options={[["as-is", t("ldap.order.as-is"), ""], ["first-last", t("ldap.order.first-last"), "Mario Rossi"], ["last-first", t("ldap.order.last-first"), "Rossi, Mario"]]}
          onChange={(next) => set("name_order", next)}
        />
        <Sorting node={node} location={location} set={set} />
      </Part>
      <Part title={t("ldap.whoPart")}>
        <NetworkField label={t("ldap.networks")} help={t("ldap.networksHelp")} none={t("ldap.networksNone")} value={node.networks ?? []} error={wrong("networks")} onChange={(next) => set("networks", next)} />
        <NetworkField label={t("ldap.anonymous")} help={t("ldap.anonymousHelp")} none={t("ldap.anonymousNone")} value={node.anonymous ?? []} error={wrong("anonymous")} onChange={(next) => set("anonymous", next)}>
          <div className="row wrap">
            <button type="button" className="chip" onClick={() => set("anonymous", [])}>{t("ldap.anonymousNobody")}</button>
            <button type="button" className="chip" onClick={() => set("anonymous", HERE)}>{t("ldap.anonymousHere")}</button>
            <button type="button" className="chip" onClick={() => set("anonymous", node.networks?.length ? [...node.networks] : EVERYWHERE)}>{t("ldap.anonymousAll")}</button>
          </div>
        </NetworkField>
        <NumberInput label={t("ldap.sizeLimit")} description={t("ldap.sizeLimitHelp")} value={node.size_limit} min={0} max={1_000_000} hideControls error={wrong("size_limit")} onChange={(next) => set("size_limit", Number(next) || 0)} />
      </Part>
    </div>
  );
}

type Set = <K extends keyof LdapNode>(key: K, value: LdapNode[K]) => void;

/** In which order hits come, and by whose alphabet. */
function Sorting({ node, location, set }: { node: LdapNode; location: AdminLocation | undefined; set: Set }) {
  const { t, locale } = useTexts();
  const names = new Intl.DisplayNames([locale], { type: "language" });
  const named = (tag: string) => (tag ? names.of(tag) ?? tag : "–");
  const order = node.order ?? "as-found";
  return (
    <div className="two">
      <Select
        label={t("ldap.sorted")} description={t("ldap.sortedHelp")} allowDeselect={false} value={order} onChange={(next) => set("order", (next ?? "as-found") as typeof order)}
        data={(["as-found", "last-name", "first-name", "company"] as const).map((value) => ({ value, label: t(`ldap.sorted.${value}`) }))}
      />
      {order !== "as-found" && (
        <Select
          label={t("ldap.language")} description={t("ldap.languageHelp")} searchable clearable placeholder={t("ldap.ofLocation", { language: named(String(location?.language ?? "")) })} nothingFoundMessage={t("admin.nothingFound")}
          data={LANGUAGES.map((tag) => ({ value: tag, label: named(tag) })).sort((a, b) => a.label.localeCompare(b.label, locale))} value={node.language || null} onChange={(next) => set("language", next ?? "")}
        />
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return <section className="form-part"><h3>{title}</h3><div className="stack" style={{ gap: 16 }}>{children}</div></section>;
}

interface ChoiceProps<V extends string> {
  legend: string;
  value: V;
  /** Value, words, example. */
  options: readonly (readonly [V, string, string])[];
  onChange: (value: V) => void;
}

function Choice<V extends string>({ legend, value, options, onChange }: ChoiceProps<V>) {
  const name = useId();
  return (
    <fieldset className="option-list">
      <legend>{legend}</legend>
      {options.map(([key, words, example]) => (
        <label key={key} className="level"><input type="radio" name={name} value={key} checked={value === key} onChange={() => onChange(key)} /><span>{words}</span><span className="mono">{example}</span></label>
      ))}
    </fieldset>
  );
}
