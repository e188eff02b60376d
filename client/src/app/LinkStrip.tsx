/** That the link to one's own telephone system is down: without it, the page would look as if nobody called. */
import { brokenLinks } from "@core/replica/selectors";
import { useApp, useSelect, useTexts } from "@ui/hooks";
import { useEffect, useState } from "react";

/** A link that is being set up after a start or a blink is nobody's business for this long. */
const PATIENCE_MS = 4000;

export function LinkStrip() {
  const app = useApp();
  const { t, format } = useTexts();
  const names = useSelect((state) => (state.link === "live" ? brokenLinks(state.replica.state).map((link) => link.name).join(", ") : ""));
  const [since, setSince] = useState<number | null>(null);
  const [shown, setShown] = useState(false);
  const broken = names !== "";
  useEffect(() => {
    setSince(broken ? app.now() : null);
    setShown(false);
    if (!broken) return undefined;
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [app, broken]);
  if (!broken || !shown || since === null) return null;
  return <div className="offline" role="status" data-testid="link-down">{t("link.down", { name: names, time: format.moment(since, app.now()) })}</div>;
}
