/** Tells the server when this person has been away from keyboard and mouse, and when they are back. */
import { useApp, useSelect } from "@ui/hooks";
import { useEffect } from "react";

const IDLE_MS = 5 * 60_000;
const SIGNS = ["pointermove", "keydown", "pointerdown", "wheel"] as const;

export function useIdle(): void {
  const app = useApp();
  const live = useSelect((state) => state.link === "live");
  useEffect(() => {
    if (!live) return undefined;
    let idle = false;
    let timer: ReturnType<typeof setTimeout>;
    const tell = (value: boolean) => {
      idle = value;
      app.api.me.activity(value).catch(() => undefined);
    };
    const sign = () => {
      clearTimeout(timer);
      if (idle) tell(false);
      timer = setTimeout(() => tell(true), IDLE_MS);
    };
    sign();
    for (const name of SIGNS) window.addEventListener(name, sign, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const name of SIGNS) window.removeEventListener(name, sign);
    };
  }, [app, live]);
}
