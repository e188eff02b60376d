/** The exact values to type into a telephone of some make, each with a button that copies it. */
import { MAKES } from "@core/admin/phones";
import type { LdapState } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Notice } from "@ui/parts";
import { Select, Switch } from "@mantine/core";
import { useState } from "react";
import { Values } from "./Values";

export function PhoneValues({ state }: { state: LdapState }) {
  const app = useApp();
  const { t } = useTexts();
  const { value: nodes } = useLoad(() => app.api.ldap.nodes.list(), "ldap-nodes");
  const { value: users } = useLoad(() => app.api.ldap.users.list(), "ldap-users");
  const [makeId, setMake] = useState("snom");
  const [nodeId, setNode] = useState<string | null>(null);
  const [user, setUser] = useState("");
  const [tls, setTls] = useState(state.tls_port > 0);
  const make = MAKES.find((each) => each.id === makeId);
  const node = nodes?.items.find((each) => each.id === nodeId) ?? nodes?.items.find((each) => each.template_id === makeId) ?? nodes?.items[0];
  const secure = tls && state.tls_port > 0;
  const asked = { server: state.addresses[0] ?? "", port: secure ? state.tls_port : state.port, tls: secure, base: node?.suffix ?? "", user };
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("ldap.phone")}>
      <h2>{t("ldap.phone")}</h2>
      <p className="muted">{t("ldap.phoneText")}</p>
      <fieldset className="choices-row">
        <legend>{t("ldap.make")}</legend>
        {MAKES.map((each) => <button key={each.id} type="button" className="chip" aria-pressed={each.id === makeId} onClick={() => setMake(each.id)}>{each.name}</button>)}
      </fieldset>
      <div className="two">
        <Select label={t("ldap.node")} allowDeselect={false} data={(nodes?.items ?? []).map((each) => ({ value: each.id, label: each.name || each.suffix }))} value={node?.id ?? null} onChange={setNode} />
        <Select label={t("ldap.bindsAs")} data={[{ value: "", label: t("ldap.withoutUser") }, ...(users?.items ?? []).map((each) => ({ value: each.name, label: each.name }))]} value={user} allowDeselect={false} onChange={(next) => setUser(next ?? "")} />
      </div>
      <Switch label={t("ldap.withTls")} description={state.tls_port ? undefined : t("ldap.noTls")} checked={secure} disabled={!state.tls_port} onChange={(event) => setTls(event.currentTarget.checked)} />
      {node && node.template_id !== makeId && <p className="muted">{t("ldap.otherTemplate", { node: node.name || node.suffix, make: make?.name ?? "" })}</p>}
      {node && !user && (node.anonymous ?? []).length === 0 && <Notice tone="warning">{t("ldap.needsUser")}</Notice>}
      {user && !secure && <Notice tone="warning">{t("ldap.plainRefused", { networks: state.plain_passwords || t("ldap.fromNowhere") })}</Notice>}
      {make && <p className="field-label">{make.where}</p>}
      {make && <Values values={make.values(asked)} label={t("ldap.valuesOf", { make: make.name })} secret={t("ldap.itsPassword")} />}
    </section>
  );
}
