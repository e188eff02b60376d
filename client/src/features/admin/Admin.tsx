/** The administration: one page each, every one with its own first step. */
import type { AdminPage } from "@core/router";
import { SkeletonRows } from "@ui/parts";
import "@ui/styles-forms";
import { LaterTexts, useApp, useTexts, useWidth } from "@ui/hooks";
import { ADMIN_GROUPS } from "@core/actions/commands";
import { lazy, Suspense } from "react";
import { GroupsPage, LinesPage, PeoplePage } from "./records";
import { StatusPage } from "./Status";
import "./admin.css";

const Locations = lazy(() => import("./locations/Locations"));
const Rights = lazy(() => import("./rights/Rights"));
const Connectors = lazy(() => import("./connectors/Connectors"));
const Anomalies = lazy(() => import("./anomalies/Anomalies"));
const Sources = lazy(() => import("./sources/Sources"));
const Books = lazy(() => import("./books/Books"));
const Ldap = lazy(() => import("./ldap/Ldap"));
const Exports = lazy(() => import("./exports/Exports"));
const Duplicates = lazy(() => import("./duplicates/Duplicates"));

interface AdminProps {
  section: AdminPage;
  /** What stands behind the page in its address. */
  rest: readonly string[];
}

export default function Admin({ section, rest }: AdminProps) {
  const width = useWidth();
  return (
    <div className="page admin">
      {width === "phone" && <SectionChoice section={section} />}
      <LaterTexts fallback={<SkeletonRows rows={6} />}>
        <Suspense fallback={<SkeletonRows rows={6} />}><Section section={section} rest={rest} /></Suspense>
      </LaterTexts>
    </div>
  );
}

/** On a phone the rail is not there: a choice of pages takes its place. */
function SectionChoice({ section }: { section: AdminPage }) {
  const app = useApp();
  const { t } = useTexts();
  return (
    <select className="select" style={{ width: "100%", marginBottom: 12 }} aria-label={t("nav.admin")} value={section} onChange={(event) => app.go(`/admin/${event.target.value}`)}>
      {ADMIN_GROUPS.map(({ id, title, entries }) => (
        <optgroup key={id} label={t(title)}>
          {entries.map((entry) => entry.route.page === "admin" && <option key={entry.route.section} value={entry.route.section}>{t(entry.title)}</option>)}
        </optgroup>
      ))}
    </select>
  );
}

function Section({ section, rest }: AdminProps) {
  switch (section) {
    case "status":
      return <StatusPage />;
    case "people":
      return <PeoplePage />;
    case "groups":
      return <GroupsPage />;
    case "rights":
      return <Rights />;
    case "lines":
      return <LinesPage />;
    case "locations":
      return <Locations />;
    case "connectors":
      return <Connectors />;
    case "anomalies":
      return <Anomalies />;
    case "sources":
      return <Sources rest={rest} />;
    case "books":
      return <Books />;
    case "exports":
      return <Exports rest={rest} />;
    case "duplicates":
      return <Duplicates />;
    case "ldap":
      return <Ldap part={rest[0] ?? ""} />;
  }
}
