/** Rail, top bar, page, call window and call bar: what stays while the page changes. */
import { ADMIN_GROUPS, PAGES, type PageEntry } from "@core/actions/commands";
import { openPalette } from "@core/actions/own";
import { whyNot } from "@core/actions/action";
import { missedOpen } from "@core/replica/selectors";
import { pathOf } from "@core/router";
import { CallBar, CallWindow, DialConfirm, IncomingBanner } from "@features/calls";
import { Brand } from "@features/signin/SignIn";
import { useApp, useMe, usePerform, useSelect, useTexts, useWidth } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Keys } from "@ui/parts";
import { StrayRefusals } from "@ui/refusals";
import { LinkStrip } from "./LinkStrip";
import { NotifyOffer } from "./NotifyOffer";
import { OfflineStrip } from "./OfflineStrip";
import { OwnLines } from "./OwnLines";
import { OwnPresence } from "./OwnPresence";
import { Overlays } from "./Overlays";
import { CurrentPage } from "./pages";
import { Fragment } from "react";
import "./shell.css";

export function Shell() {
  const { t } = useTexts();
  const width = useWidth();
  const announcement = useSelect((state) => state.announcement);
  return (
    <div className="shell" data-width={width}>
      <a className="skip" href="#page">{t("shell.skip")}</a>
      {width !== "phone" && <Rail labels={width === "full"} />}
      <div className="shell-main">
        <TopBar />
        <OfflineStrip />
        <LinkStrip />
        <NotifyOffer />
        <div className="shell-content">
          <main id="page" className="shell-page" tabIndex={-1}><CurrentPage /></main>
          <CallWindow />
        </div>
        <CallBar />
        {width === "phone" && <Tabs />}
      </div>
      <IncomingBanner />
      <DialConfirm />
      <StrayRefusals />
      <Overlays />
      {/* No role=alert beside aria-live: VoiceOver on iOS reads what has both twice. */}
      <div className="sr" aria-live="assertive" aria-atomic="true">{announcement}</div>
    </div>
  );
}

/** All of the administration on a phone; its pages are chosen there. */
const ADMIN_TAB: PageEntry = { route: { page: "admin", section: "status" }, title: "nav.adminShort", icon: "pulse" };

function useCurrent(entry: PageEntry): boolean {
  const route = useSelect((state) => state.route);
  if (route.page === "admin" && entry !== ADMIN_TAB && entry.route.page === "admin") return route.section === entry.route.section;
  return route.page === entry.route.page;
}

function NavLink({ entry, badge, labels = true }: { entry: PageEntry; badge?: number; labels?: boolean }) {
  const app = useApp();
  const { t } = useTexts();
  const current = useCurrent(entry);
  const path = pathOf(entry.route);
  return (
    <a
      href={path} className="nav" aria-current={current ? "page" : undefined} title={labels ? undefined : t(entry.title)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        app.go(path);
      }}
    >
      <Icon name={entry.icon} size={20} />
      <span className={labels ? "nav-label clip" : "sr"}>{t(entry.title)}</span>
      {badge !== undefined && badge > 0 && <span className="nav-badge num" aria-label={t("nav.missed", { count: badge })}>{badge > 99 ? "99+" : badge}</span>}
    </a>
  );
}

function Rail({ labels }: { labels: boolean }) {
  const { t } = useTexts();
  const missed = useSelect((state) => missedOpen(state.replica.state));
  const admin = useMe()?.admin ?? false;
  return (
    <div className="rail" data-labels={labels || undefined}>
      <nav aria-label={t("shell.navigation")}>
        <div className="rail-brand row"><Brand />{labels && <strong>Unisono</strong>}</div>
        <ul>
          {PAGES.map((entry) => <li key={pathOf(entry.route)}><NavLink entry={entry} labels={labels} {...(entry.route.page === "journal" ? { badge: missed } : {})} /></li>)}
        </ul>
      </nav>
      {admin && <AdminRail labels={labels} />}
    </div>
  );
}

/** A landmark of its own, with a heading above each few pages: one gets there and past it by keys for landmarks and headings. */
function AdminRail({ labels }: { labels: boolean }) {
  const { t } = useTexts();
  return (
    <nav aria-label={t("nav.admin")}>
      {ADMIN_GROUPS.map(({ id, title, entries }) => (
        <Fragment key={id}>
          {!labels && <hr />}
          <h2 id={`rail-${id}`} className={labels ? "rail-group" : "sr"}>{t(title)}</h2>
          <ul aria-labelledby={`rail-${id}`}>
            {entries.map((entry) => <li key={pathOf(entry.route)}><NavLink entry={entry} labels={labels} /></li>)}
          </ul>
        </Fragment>
      ))}
    </nav>
  );
}

function Tabs() {
  const { t } = useTexts();
  const missed = useSelect((state) => missedOpen(state.replica.state));
  const admin = useMe()?.admin ?? false;
  const entries = [...PAGES, ...(admin ? [ADMIN_TAB] : [])];
  return (
    <nav className="tabs" aria-label={t("shell.navigation")}>
      {entries.map((entry) => <NavLink key={pathOf(entry.route)} entry={entry} {...(entry.route.page === "journal" ? { badge: missed } : {})} />)}
    </nav>
  );
}

function TopBar() {
  const { t } = useTexts();
  const app = useApp();
  const perform = usePerform();
  const blocked = useSelect((state) => whyNot(openPalette, state, undefined) !== null);
  return (
    <div className="topbar" role="region" aria-label={t("shell.topbar")}>
      <button type="button" className="topbar-search" disabled={blocked} aria-label={t("search.label")} aria-keyshortcuts="/ Control+K" onClick={() => void perform(openPalette, undefined)}>
        <Icon name="search" size={16} /> <span className="grow clip">{t("search.placeholder")}</span> <span className="topbar-keys"><Keys keys="Ctrl+K" /></span>
      </button>
      <button type="button" className="tool topbar-help" aria-label={t("action.cheatSheet")} onClick={() => app.store.patch({ cheatSheet: true })}><Icon name="keyboard" /></button>
      <OwnLines />
      <OwnPresence />
    </div>
  );
}
