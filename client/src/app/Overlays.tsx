/** Palette and cheat sheet, loaded when first wanted. */
import { useApp, useSelect, useTexts } from "@ui/hooks";
import { lazy, Suspense, useEffect, useState } from "react";

const load = () => import("@features/palette");
const Palette = lazy(() => load().then((module) => ({ default: module.Palette })));
const CheatSheet = lazy(() => load().then((module) => ({ default: module.CheatSheet })));

export function Overlays() {
  const wanted = useSelect((state) => state.palette || state.cheatSheet);
  const palette = useSelect((state) => state.palette);
  const [ready, setReady] = useState(false);
  const [typed, setTyped] = useState("");
  useEffect(() => {
    // Fetched while nobody waits, so that the first Ctrl+K is as fast as the second.
    const timer = setTimeout(() => void load().catch(() => undefined), 2500);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (wanted) setReady(true);
  }, [wanted]);
  useEffect(() => {
    if (!palette) setTyped("");
  }, [palette]);
  if (!ready && !wanted) return null;
  return <Suspense fallback={palette && <Early typed={typed} onType={setTyped} />}><Palette typed={typed} /><CheatSheet /></Suspense>;
}

/** Where one types until the palette is there. */
function Early({ typed, onType }: { typed: string; onType: (text: string) => void }) {
  const app = useApp();
  const { t } = useTexts();
  return (
    <input
      className="early" autoFocus aria-label={t("search.label")} value={typed} onChange={(event) => onType(event.target.value)}
      onKeyDown={(event) => event.key === "Escape" && app.store.patch({ palette: false })}
    />
  );
}
