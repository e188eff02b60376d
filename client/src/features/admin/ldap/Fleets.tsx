/** Fleets: devices that ask for phone books over HTTP, each with the keys that let it in. */
import { FLEET_MAKES } from "@core/admin/fleets";
import type { LdapNode, LdapProfile, Make, PhoneFleet } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Notice } from "@ui/parts";
import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { CollectionPage, type FormState } from "../CollectionPage";
import { FleetKeys } from "./FleetKeys";
import { NetworkField } from "./NetworkField";

/** What a field is for stands below it, so that fields side by side are in line. */
const BELOW: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];

interface Lists {
  nodes: readonly LdapNode[];
  profiles: readonly LdapProfile[];
}

export function FleetsPage() {
  const app = useApp();
  const { t, format } = useTexts();
  const { value } = useLoad(async () => {
    const read = <T,>(items: Promise<{ items: T[] }>): Promise<T[]> => items.then((page) => page.items, () => []);
    const [nodes, profiles] = await Promise.all([read(app.api.ldap.nodes.list()), read(app.api.ldap.profiles.list())]);
    return { nodes, profiles };
  }, "ldap-fleets");
  const lists: Lists = value ?? { nodes: [], profiles: [] };
  const makeName = (make: Make) => FLEET_MAKES.find((each) => each.id === make)?.name || t("ldap.otherMake");
  const nodes = lists.nodes.map((node) => ({ value: node.id, label: node.name || node.suffix }));
  const profiles = lists.profiles.map((profile) => ({ value: profile.id, label: profile.name }));
  const effects = (before: PhoneFleet | null, after: PhoneFleet | null): string[] => {
    if (!before) return [];
    if (!after) return [t("ldap.effect.fleetGone", { count: before.keys.length })];
    return [
      before.active && !after.active && t("ldap.effect.fleetOff"),
      before.key_in_path && !after.key_in_path && t("ldap.effect.keyNotInPath"),
      before.make !== after.make && t("ldap.effect.fleetMake", { make: makeName(after.make) }),
    ].filter((each): each is string => Boolean(each));
  };
  return (
    <CollectionPage<PhoneFleet>
      title={t("ldapTab.fleets")} text={t("ldap.fleetsText")} icon="phone" addLabel={t("ldap.addFleet")} emptyTitle={t("ldap.noFleets")} drawer={640}
      collection={app.api.ldap.fleets} nameOf={(fleet) => fleet.name} searchText={(fleet) => [fleet.name, makeName(fleet.make), ...fleet.keys.map((key) => key.name)].join(" ")}
      blank={{ name: "", make: "yealink", node_id: "", profile_id: "", active: true, key_in_path: false, plain_networks: [], most: 0, keys: [] }} effects={effects} final
      columns={[
        { title: t("ldap.fleet"), cell: (fleet) => <>{fleet.name} {!fleet.active && <span className="tag">{t("people.inactive")}</span>}</> },
        { title: t("ldap.make"), cell: (fleet) => makeName(fleet.make) },
        { title: t("book.contacts"), cell: (fleet) => (fleet.problem ? <span className="tag red">{t(`ldap.fleetProblem.${fleet.problem as "node"}`)}</span> : <span className="num">{format.number(fleet.contacts)}</span>) },
        { title: t("ldap.keys"), cell: (fleet) => (fleet.keys.length > 0 ? format.list(fleet.keys.map((key) => key.name)) : <span className="tag amber">{t("ldap.noKeys")}</span>) },
        { title: t("ldap.lastUsed"), cell: (fleet) => lastUsed(fleet, (when) => format.moment(when, app.now())) || "–" },
      ]}
      fields={[
        { key: "name", label: "ldap.name", kind: "text" },
        { key: "make", label: "ldap.make", kind: "select", options: FLEET_MAKES.map(({ id }) => ({ value: id, label: makeName(id) })) },
        { key: "node_id", label: "ldap.node", kind: "select", options: nodes },
        { key: "profile_id", label: "ldap.profile", kind: "select", options: profiles },
        { key: "active", label: "people.active", kind: "switch" },
        { key: "key_in_path", label: "ldap.keyInPath", kind: "switch" },
        { key: "plain_networks", label: "ldap.plainNetworks", kind: "multi" },
        { key: "most", label: "ldap.atOnce", kind: "text" },
      ]}
      form={(form) => <FleetForm form={form} nodes={nodes} profiles={profiles} makeName={makeName} />}
    />
  );
}

function lastUsed(fleet: PhoneFleet, write: (when: string) => string): string {
  const [last] = fleet.keys.map((key) => key.last_used ?? "").filter(Boolean).sort().reverse();
  return last ? write(last) : "";
}

interface FormProps {
  form: FormState;
  nodes: { value: string; label: string }[];
  profiles: { value: string; label: string }[];
  makeName: (make: Make) => string;
}

function FleetForm({ form, nodes, profiles, makeName }: FormProps) {
  const { t, format } = useTexts();
  const fleet = form.values as unknown as PhoneFleet;
  const set = <K extends keyof PhoneFleet>(key: K, value: PhoneFleet[K]) => form.onChange(key, value);
  const wrong = (key: keyof PhoneFleet) => (form.wrong?.field === key ? form.wrong.text : null);
  return (
    <div className="stack" style={{ gap: 16 }}>
      {fleet.problem && <Notice tone="error">{t(`ldap.fleetProblem.${fleet.problem as "node"}`)} {t(fleet.problem === "books" ? "ldap.fleetChooseBooks" : "ldap.fleetChoose")}</Notice>}
      <div className="two">
        <TextInput label={t("ldap.name")} value={fleet.name} required withAsterisk={false} error={wrong("name")} data-autofocus onChange={(event) => set("name", event.currentTarget.value)} />
        <Select label={t("ldap.make")} allowDeselect={false} data={FLEET_MAKES.map(({ id }) => ({ value: id, label: makeName(id) }))} value={fleet.make} onChange={(next) => set("make", (next ?? "other") as Make)} />
        <Select label={t("ldap.node")} description={t("ldap.fleetNodeHelp")} inputWrapperOrder={BELOW} clearable data={nodes} value={fleet.node_id || null} onChange={(next) => set("node_id", next ?? "")} />
        <Select label={t("ldap.profile")} description={t("ldap.fleetProfileHelp")} inputWrapperOrder={BELOW} clearable data={profiles} value={fleet.profile_id || null} onChange={(next) => set("profile_id", next ?? "")} />
      </div>
      <Switch label={t("people.active")} description={t("ldap.fleetActiveHelp")} checked={fleet.active} onChange={(event) => set("active", event.currentTarget.checked)} />
      <Switch label={t("ldap.keyInPath")} description={t("ldap.keyInPathHelp")} checked={fleet.key_in_path} onChange={(event) => set("key_in_path", event.currentTarget.checked)} />
      <NetworkField label={t("ldap.plainNetworks")} help={t("ldap.plainNetworksHelp")} none={t("ldap.plainNetworksNone")} value={fleet.plain_networks} error={wrong("plain_networks")} onChange={(next) => set("plain_networks", next)} />
      <NumberInput label={t("ldap.atOnce")} description={t("ldap.atOnceHelp", { limit: format.number(fleet.limit ?? 0) })} value={fleet.most} min={0} max={100_000} hideControls error={wrong("most")} onChange={(next) => set("most", Number(next) || 0)} />
      {form.fresh ? <p className="muted">{t("ldap.keysLater")}</p> : <FleetKeys fleet={fleet} onChanged={form.reload} />}
    </div>
  );
}
