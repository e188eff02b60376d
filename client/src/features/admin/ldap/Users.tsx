/** Who may bind: users of this door, people of this server, Active Directory. */
import type { LdapUser } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { CollectionPage } from "../CollectionPage";
import { Setting } from "./Setting";

export function UsersPage() {
  const app = useApp();
  const { t, format } = useTexts();
  const { value: profiles } = useLoad(() => app.api.ldap.profiles.list(), "ldap-profiles");
  const { value: state } = useLoad(() => app.api.ldap.state(), "ldap-state");
  const profilesOf = (id: string) => (profiles?.items ?? []).filter((profile) => profile.users?.includes(id)).map((profile) => profile.name);
  const forEverybody = (profiles?.items ?? []).filter((profile) => profile.everybody).map((profile) => profile.name);
  const effects = (before: LdapUser | null, after: LdapUser | null): string[] => {
    if (!before) return [];
    if (!after) return [t("ldap.effect.userGone", { name: before.name })];
    return [
      before.active && !after.active && t("ldap.effect.userOff", { name: before.name }),
      after.password !== "" && t("ldap.effect.password", { name: before.name }),
    ].filter((each): each is string => Boolean(each));
  };
  return (
    <div className="stack" style={{ gap: 24 }}>
      <div>
        <CollectionPage<LdapUser>
          title={t("ldapTab.users")} text={t("ldap.usersText")} icon="users" addLabel={t("ldap.addUser")} emptyTitle={t("ldap.noUsers")}
          collection={app.api.ldap.users} nameOf={(user) => user.name} searchText={(user) => [user.name, user.comment, ...profilesOf(user.id)].join(" ")}
          blank={{ name: "", password: "", comment: "", active: true }} effects={effects} final
          bulk={[{ title: t("people.deactivate"), change: { active: false } }, { title: t("people.activate"), change: { active: true } }]}
          columns={[
            { title: t("ldap.bindsAs"), cell: (user) => user.name },
            { title: t("ldap.comment"), cell: (user) => user.comment },
            { title: t("ldapTab.profiles"), cell: (user) => format.list(profilesOf(user.id)) || (forEverybody.length > 0 ? format.list(forEverybody) : <span className="tag amber">{t("ldap.seesNothing")}</span>) },
            { title: t("people.state"), cell: (user) => (user.active ? "" : <span className="tag">{t("people.inactive")}</span>) },
          ]}
          fields={[
            { key: "name", label: "ldap.bindsAs", kind: "text", required: true, help: "ldap.userHelp" },
            { key: "password", label: "people.password", kind: "password", help: "ldap.passwordHelp" },
            { key: "comment", label: "ldap.comment", kind: "text", help: "ldap.commentHelp" },
            { key: "active", label: "people.active", kind: "switch", help: "ldap.activeHelp" },
          ]}
        />
      </div>
      <div className="ldap-two">
        <section className="card pad stack">
          <h2>{t("ldap.people")}</h2>
          <p className="muted">{t("ldap.peopleText")}</p>
          <div className="row"><button type="button" className="chip" onClick={() => app.go("/admin/people")}><Icon name="users" size={16} />{t("admin.nav.people")}</button></div>
        </section>
        <section className="card pad stack">
          <h2>Active Directory</h2>
          {state?.active_directory ? <p>{t("ldap.directoryOn")} <code className="mono">{state.active_directory}</code></p> : <p className="muted">{t("ldap.directoryOff")}</p>}
          {state && !state.active_directory && <Setting text={'[ldap]\nactive_directory = "dc1.example.com:636"'} />}
        </section>
      </div>
    </div>
  );
}
