/** What a template translates, as tables: to read, or to write. */
import type { LdapRule, LdapTemplate } from "@core/api/types";
import { useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { IconButton } from "@ui/parts";
import { useState } from "react";

/** The attributes that contacts have, under the names that answers give them. */
const ATTRIBUTES = [
  "cn", "sn", "givenName", "o", "telephoneNumber", "mobile", "homePhone", "otherTelephone", "otherHomePhone", "companyPhone", "facsimileTelephoneNumber", "mail", "title", "department",
  "l", "street", "postalCode", "st", "co", "uid", "employeeNumber", "physicalDeliveryOfficeName", "url", "labeledURI", "homePostalAddress", "description", "primaryPhone", "assistantPhone",
  "callbackPhone", "carPhone", "radio", "pager", "internationalISDNNumber", "tty", "otherPhone", "homeFacsimileTelephoneNumber", "metaSearchNumber",
];
const LIST = "ldap-attributes";

type Cells = string[];
type Tables = Pick<LdapTemplate, "filter_attributes" | "filter_values" | "query_attributes" | "result_attributes">;
type Name = keyof Tables;
const NAMES: readonly Name[] = ["filter_attributes", "filter_values", "query_attributes", "result_attributes"];

/** A table's rows as they are written down; several attributes of ours stand in one cell. */
function rowsOf(template: Tables, name: Name): Cells[] {
  switch (name) {
    case "filter_values":
      return (template.filter_values ?? []).map((rule) => [rule.attribute, rule.search, rule.replace]);
    case "result_attributes":
      return Object.entries(template.result_attributes ?? {});
    default:
      return Object.entries(template[name] ?? {}).map(([client, ours]) => [client, ours.join(", ")]);
  }
}

const split = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

function valueOf(name: Name, rows: readonly Cells[]): LdapRule[] | Record<string, string> | Record<string, string[]> {
  const full = rows.filter((row) => row.some((cell) => cell.trim() !== ""));
  if (name === "filter_values") return full.map(([attribute = "", search = "", replace = ""]) => ({ attribute: attribute.trim(), search, replace }));
  const pairs = full.filter(([client = ""]) => client.trim() !== "");
  if (name === "result_attributes") return Object.fromEntries(pairs.map(([ours = "", client = ""]) => [ours.trim(), client.trim()]));
  return Object.fromEntries(pairs.map(([client = "", ours = ""]) => [client.trim(), split(ours)]));
}

/** What a make asks for, in the reader's language if it came with the server. */
export function Described({ template }: { template: LdapTemplate }) {
  const { word } = useTexts();
  const text = template.origin === "ready" || template.origin === "changed" ? word("ldap.ready", template.id) : template.comment;
  return text && text !== template.id ? <p className="muted">{text}</p> : null;
}

/** To read only. */
export function Mappings({ template }: { template: LdapTemplate }) {
  const { t } = useTexts();
  const tables = NAMES.map((name) => ({ name, rows: rowsOf(template, name) })).filter(({ rows }) => rows.length > 0);
  return (
    <div className="stack" style={{ gap: 12, marginTop: 8 }}>
      <Described template={template} />
      {tables.length === 0 && <p className="muted">{t("ldap.noMappings")}</p>}
      {tables.map(({ name, rows }) => (
        <table key={name} className="map-table" aria-label={t(`ldap.map.${name}`)}>
          <caption className="field-label" style={{ textAlign: "left" }}>{t(`ldap.map.${name}`)}</caption>
          <Head name={name} />
          <tbody>{rows.map((row) => <tr key={row.join()}>{row.map((cell, index) => <td key={index} className="mono">{cell}</td>)}<td /></tr>)}</tbody>
        </table>
      ))}
      {(template.object_classes ?? []).length > 0 && <p><span className="field-label">{t("ldap.classes")}</span> <span className="mono">{template.object_classes?.join(", ")}</span></p>}
    </div>
  );
}

function Head({ name }: { name: Name }) {
  const { t } = useTexts();
  const columns = name === "filter_values" ? (["attribute", "search", "replace"] as const) : name === "result_attributes" ? (["ours", "client"] as const) : (["client", "ours"] as const);
  return <thead><tr>{columns.map((column) => <th key={column} scope="col">{t(`ldap.column.${column}`)}</th>)}<th><span className="sr">{t("ldap.column.actions")}</span></th></tr></thead>;
}

interface EditorProps {
  template: LdapTemplate;
  onChange: (key: Name, value: unknown) => void;
  wrong: { field: string; text: string } | null;
}

/** To write; every table keeps rows that are not complete yet. */
export function MappingTables({ template, onChange, wrong }: EditorProps) {
  return (
    <>
      <datalist id={LIST}>{ATTRIBUTES.map((name) => <option key={name} value={name} />)}</datalist>
      {NAMES.map((name) => <MappingTable key={name} name={name} template={template} wrong={wrong} onChange={(value) => onChange(name, value)} />)}
    </>
  );
}

function MappingTable({ name, template, wrong, onChange }: { name: Name; template: LdapTemplate; wrong: EditorProps["wrong"]; onChange: (value: unknown) => void }) {
  const { t } = useTexts();
  const [rows, setRows] = useState<Cells[]>(() => rowsOf(template, name));
  const width = name === "filter_values" ? 3 : 2;
  const columns = name === "filter_values" ? (["attribute", "search", "replace"] as const) : name === "result_attributes" ? (["ours", "client"] as const) : (["client", "ours"] as const);
  const change = (next: Cells[]) => {
    setRows(next);
    onChange(valueOf(name, next));
  };
  const bad = /^(\w+)\[(\d+)\]/.exec(wrong?.field ?? "");
  const badRow = bad?.[1] === name ? Number(bad[2]) : wrong?.field === name ? -1 : null;
  return (
    <section className="form-part">
      <div className="row" style={{ alignItems: "flex-start" }}>
        <div className="grow"><h3 style={{ color: "var(--text)" }}>{t(`ldap.map.${name}`)}</h3><p className="field-help">{t(`ldap.mapHelp.${name}`)}</p></div>
        <button type="button" className="chip" onClick={() => change([...rows, Array<string>(width).fill("")])}><Icon name="plus" size={16} />{t("ldap.addRow")}</button>
      </div>
      {rows.length > 0 && (
        <table className="map-table" aria-label={t(`ldap.map.${name}`)}>
          <Head name={name} />
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, at) => (
                  <td key={at}>
                    <input
                      type="text" spellCheck={false} value={cell} list={columns[at] === "ours" ? LIST : undefined} aria-label={`${t(`ldap.column.${columns[at] ?? "ours"}`)} ${index + 1}`} aria-invalid={badRow === index || undefined}
                      onChange={(event) => change(rows.map((each, place) => (place === index ? each.map((old, column) => (column === at ? event.target.value : old)) : each)))}
                    />
                  </td>
                ))}
                <td><IconButton icon="trash" label={t("ldap.removeRow", { row: index + 1 })} onClick={() => change(rows.filter((_, place) => place !== index))} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {badRow !== null && wrong && <p className="field-error" role="alert">{wrong.text}</p>}
    </section>
  );
}
