/** Palette and cheat sheet, loaded when first wanted. */
import { useSelect } from "@ui/hooks";
import { lazy, Suspense, useEffect, useState } from "react";

const load = () => import("@features/palette");
const Palette = lazy(() => load().then((module) => ({ default: module.Palette })));
const CheatSheet = lazy(() => load().then((module) => ({ default: module.CheatSheet })));

export function Overlays() {
  const wanted = useSelect((state) => state.palette || state.cheatSheet);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    // Fetched while nobody waits, so that the first Ctrl+K is as fast as the second.
    const timer = setTimeout(() => void load().catch(() => undefined), 2500);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (wanted) setReady(true);
  }, [wanted]);
  if (!ready && !wanted) return null;
  return <Suspense fallback={null}><Palette /><CheatSheet /></Suspense>;
}
