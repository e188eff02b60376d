/** Which page belongs to which route; all but the monitor are loaded when first opened. */
import { Monitor } from "@features/monitor/Monitor";
import { useApp, useMe, useSelect, useTexts } from "@ui/hooks";
import { EmptyState, SkeletonRows } from "@ui/parts";
import { Component, lazy, type ReactNode, Suspense, useEffect, useRef } from "react";

const Journal = lazy(() => import("@features/journal/Journal"));
const Contacts = lazy(() => import("@features/contacts/Contacts"));
const Settings = lazy(() => import("@features/settings/Settings"));
const Admin = lazy(() => import("@features/admin/Admin"));

const NO_REST: readonly string[] = [];

export function CurrentPage() {
  const route = useSelect((state) => state.route);
  const place = route.page === "admin" ? [route.section, ...(route.rest ?? [])].join("/") : route.page;
  const before = useRef(route);
  useEffect(() => {
    // Another page begins at its top.
    document.getElementById("page")?.scrollTo(0, 0);
  }, [place]);
  useEffect(() => {
    // What had the focus may have gone with the page before: readers of screens and the tab key go on in the new one.
    if (before.current !== route && document.activeElement === document.body) document.getElementById("page")?.focus({ preventScroll: true });
    before.current = route;
  }, [route]);
  return (
    <Guarded key={route.page}>
      <Suspense fallback={<div className="page"><SkeletonRows rows={8} height={48} /></div>}><Page /></Suspense>
    </Guarded>
  );
}

function Page() {
  const route = useSelect((state) => state.route);
  const admin = useMe()?.admin ?? false;
  switch (route.page) {
    case "monitor":
      return <Monitor />;
    case "journal":
      return <Journal />;
    case "contacts":
      return <Contacts id={route.id} />;
    case "settings":
      return <Settings />;
    case "admin":
      return admin ? <Admin section={route.section} rest={route.rest ?? NO_REST} /> : <Lost title="admin" />;
    case "unknown":
      return <Lost title="page" />;
  }
}

function Lost({ title }: { title: "admin" | "page" }) {
  const app = useApp();
  const { t } = useTexts();
  return (
    <EmptyState icon={title === "admin" ? "lock" : "search"} title={t(title === "admin" ? "why.adminOnly" : "page.unknown")}
      action={<button type="button" className="chip" onClick={() => app.go("/")}>{t("nav.monitor")}</button>} />
  );
}

/** A page that breaks does not take the call bar with it. */
class Guarded extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Broken onRetry={() => this.setState({ broken: false })} /> : this.props.children;
  }
}

function Broken({ onRetry }: { onRetry: () => void }) {
  const { t } = useTexts();
  return (
    <EmptyState icon="alert" title={t("page.broken")} action={<button type="button" className="chip" onClick={onRetry}>{t("action.retry")}</button>}>
      {t("page.brokenText")}
    </EmptyState>
  );
}
