/** The telephone directories: who asks, and what they get. */
import { LDAP_PARTS, type LdapPart, pathOf } from "@core/router";
import { useApp, useTexts } from "@ui/hooks";
import { EmptyState } from "@ui/parts";
import { FleetsPage } from "./Fleets";
import { Glance } from "./Glance";
import { NodesPage } from "./Nodes";
import { ProfilesPage } from "./Profiles";
import { QueryPage } from "./Query";
import { TemplatesPage } from "./Templates";
import { UsersPage } from "./Users";
import { useEffect, useRef } from "react";
import "./ldap.css";

const PAGES: Record<LdapPart, () => React.ReactNode> = {
  "": Glance, nodes: NodesPage, templates: TemplatesPage, users: UsersPage, profiles: ProfilesPage, test: QueryPage, fleets: FleetsPage,
};

export default function Ldap({ part }: { part: string }) {
  return (
    <>
      <Parts part={part} />
      <Part part={part} />
    </>
  );
}

function Part({ part }: { part: string }) {
  const { t } = useTexts();
  if (!(LDAP_PARTS as readonly string[]).includes(part)) return <EmptyState icon="search" title={t("page.unknown")} />;
  const Page = PAGES[part as LdapPart];
  return <Page key={part} />;
}

function Parts({ part }: { part: string }) {
  const app = useApp();
  const { t } = useTexts();
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [part]);
  return (
    <nav ref={list} className="parts" aria-label={t("admin.nav.ldap")}>
      {LDAP_PARTS.map((each) => {
        const path = pathOf({ page: "admin", section: "ldap", ...(each ? { rest: [each] } : {}) });
        return (
          <a
            key={each} href={path} aria-current={each === part ? "page" : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              app.go(path);
            }}
          >
            {t(`ldapTab.${each || "glance"}`)}
          </a>
        );
      })}
    </nav>
  );
}
