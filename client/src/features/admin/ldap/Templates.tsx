/** Templates: how one make of telephone asks, and what it wants to be answered. */
import type { LdapTemplate } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Notice, ProblemNotice } from "@ui/parts";
import { Textarea, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { CollectionPage, type FormState } from "../CollectionPage";
import { Described, MappingTables } from "./Mappings";

const TONES = { ready: "", changed: "amber", own: "accent" } as const;

export function TemplatesPage() {
  const app = useApp();
  const { t, format } = useTexts();
  const { value: nodes } = useLoad(() => app.api.ldap.nodes.list(), "ldap-nodes");
  const usedBy = (id: string) => (nodes?.items ?? []).filter((node) => node.template_id === id).map((node) => node.name || node.suffix);
  const effects = (before: LdapTemplate | null, after: LdapTemplate | null): string[] => {
    const users = before ? usedBy(before.id) : [];
    if (!after && before) return [before.origin === "changed" ? t("ldap.effect.readyAgain") : users.length > 0 && t("ldap.effect.templateGone", { nodes: format.list(users) })].filter((each): each is string => Boolean(each));
    return users.length > 0 ? [t("ldap.effect.template", { nodes: format.list(users) })] : [];
  };
  return (
    <CollectionPage<LdapTemplate>
      title={t("ldapTab.templates")} text={t("ldap.templatesText")} icon="directory" addLabel={t("ldap.addTemplate")} emptyTitle={t("ldap.noTemplates")} drawer={720}
      collection={app.api.ldap.templates} nameOf={(template) => template.name} searchText={(template) => [template.name, template.comment, ...(template.asks ?? [])].join(" ")}
      blank={{ name: "", comment: "", asks: [], filter_attributes: {}, filter_values: [], query_attributes: {}, result_attributes: {}, object_classes: [] }}
      effects={effects} fixed={(template) => template.origin === "ready"} removeLabel={(template) => t(template.origin === "changed" ? "ldap.makeReady" : "action.delete")}
      more={(onAdded) => <TermxmlUpload onAdded={(template) => onAdded(t("admin.saved", { name: template.name }), () => app.api.ldap.templates.remove(template.id, template.etag))} />}
      columns={[
        { title: t("ldap.template"), cell: (template) => template.name },
        { title: t("ldap.column.origin"), cell: (template) => <span className={`tag ${TONES[template.origin ?? "own"]}`}>{t(`ldap.origin.${template.origin ?? "own"}`)}</span> },
        { title: t("ldap.asks"), cell: (template) => <span className="mono">{template.asks?.[0] ?? ""}</span> },
        { title: t("ldap.usedBy"), cell: (template) => format.list(usedBy(template.id)) },
      ]}
      fields={[
        { key: "name", label: "ldap.name", kind: "text" }, { key: "comment", label: "ldap.comment", kind: "text" }, { key: "asks", label: "ldap.asks", kind: "multi" },
        { key: "filter_attributes", label: "ldap.map.filter_attributes", kind: "text" }, { key: "filter_values", label: "ldap.map.filter_values", kind: "text" },
        { key: "query_attributes", label: "ldap.map.query_attributes", kind: "text" }, { key: "result_attributes", label: "ldap.map.result_attributes", kind: "text" },
        { key: "object_classes", label: "ldap.classes", kind: "multi" },
      ]}
      form={(form) => <TemplateForm form={form} />}
    />
  );
}

function TemplateForm({ form }: { form: FormState }) {
  const { t } = useTexts();
  const template = form.values as unknown as LdapTemplate;
  const wrong = (key: string) => (form.wrong?.field === key ? form.wrong.text : null);
  const [asks, setAsks] = useState((template.asks ?? []).join("\n"));
  const [classes, setClasses] = useState((template.object_classes ?? []).join(", "));
  return (
    <div className="stack" style={{ gap: 12 }}>
      {!form.fresh && <Described template={template} />}
      {template.origin === "ready" && <p className="muted">{t("ldap.readyText")}</p>}
      <TextInput label={t("ldap.name")} value={template.name} required withAsterisk={false} error={wrong("name")} onChange={(event) => form.onChange("name", event.currentTarget.value)} />
      {template.origin === "own" || form.fresh ? <Textarea label={t("ldap.comment")} value={template.comment} autosize minRows={2} error={wrong("comment")} onChange={(event) => form.onChange("comment", event.currentTarget.value)} /> : null}
      <Textarea
        label={t("ldap.asks")} description={t("ldap.asksHelp")} value={asks} autosize minRows={2} spellCheck={false} classNames={{ input: "mono" }} error={wrong("asks")}
        onChange={(event) => {
          setAsks(event.currentTarget.value);
          form.onChange("asks", event.currentTarget.value.split("\n").map((line) => line.trim()).filter(Boolean));
        }}
      />
      <MappingTables template={template} wrong={form.wrong} onChange={form.onChange} />
      <TextInput
        label={t("ldap.classes")} description={t("ldap.classesHelp")} value={classes} spellCheck={false} classNames={{ input: "mono" }} error={wrong("object_classes")}
        onChange={(event) => {
          setClasses(event.currentTarget.value);
          form.onChange("object_classes", event.currentTarget.value.split(/[\s,;]+/).filter(Boolean));
        }}
      />
    </div>
  );
}

/** A vendor's device template, read as it is; what could not be taken over is told. */
function TermxmlUpload({ onAdded }: { onAdded: (template: LdapTemplate) => void }) {
  const app = useApp();
  const { t, format } = useTexts();
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [left, setLeft] = useState<readonly string[]>([]);
  const read = async (file: File | undefined) => {
    if (!file) return;
    setLeft([]);
    try {
      const template = await app.api.ldap.termxml(file);
      setProblem(null);
      setLeft(template.left_out ?? []);
      onAdded(template);
    } catch (error) {
      setProblem(asProblem(error));
    }
    if (input.current) input.current.value = "";
  };
  return (
    <>
      <input ref={input} type="file" accept=".termxml,.xml" hidden aria-label={t("ldap.termxml")} onChange={(event) => void read(event.target.files?.[0])} />
      <button type="button" className="chip chip-tall" onClick={() => input.current?.click()}><Icon name="upload" size={16} />{t("ldap.termxml")}</button>
      {problem && <div style={{ flexBasis: "100%" }}><ProblemNotice problem={problem} /></div>}
      {left.length > 0 && <div style={{ flexBasis: "100%" }}><Notice tone="warning">{t("ldap.leftOut", { rows: format.list(left) })}</Notice></div>}
    </>
  );
}
