/** "Reconnecting ... last seen 10:42": thin, readable, gone by itself. */
import { useApp, useSelect, useTexts } from "@ui/hooks";
import { useEffect, useState } from "react";

const PATIENCE_MS = 1500;

export function OfflineStrip() {
  const app = useApp();
  const { t, format } = useTexts();
  const link = useSelect((state) => state.link);
  const lastSeen = useSelect((state) => state.lastSeen);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (link === "live") {
      setShown(false);
      return undefined;
    }
    // A blink of the link is nobody's business.
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [link]);
  if (!shown) return null;
  return (
    <div className="offline" role="status">
      {lastSeen ? t("offline.since", { time: format.moment(lastSeen, Date.now()) }) : t("offline.first")}
      <button type="button" className="offline-retry" onClick={() => app.retryNow()}>{t("action.retry")}</button>
    </div>
  );
}
