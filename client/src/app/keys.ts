/** Keys that work everywhere: search, help, and "G" followed by a page's letter. */
import { perform } from "@core/actions/action";
import { ADMIN_ENTRIES, PAGES } from "@core/actions/commands";
import { attendant, go, groupPickUp, openCheatSheet, openPalette } from "@core/actions/own";
import type { Unisono } from "@core/app";
import { isBusyTarget } from "@features/calls";
import { useApp } from "@ui/hooks";
import { useEffect } from "react";

const SEQUENCE_MS = 1200;

function runSequence(app: Unisono, letter: string): boolean {
  const keys = `G ${letter.toUpperCase()}`;
  if (attendant.keys === keys) {
    void perform(app, attendant, undefined);
    return true;
  }
  const page = [...PAGES, ...ADMIN_ENTRIES].find((entry) => entry.keys === keys);
  if (page) void perform(app, go, page.route);
  return page !== undefined;
}

export function useGlobalKeys(): void {
  const app = useApp();
  useEffect(() => {
    let pressedG = 0;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        void perform(app, openPalette, undefined);
        return;
      }
      if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyP") {
        event.preventDefault();
        void perform(app, groupPickUp, undefined);
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isBusyTarget(event.target)) return;
      const inSequence = Date.now() - pressedG < SEQUENCE_MS;
      pressedG = 0;
      if (inSequence && /^[a-z]$/i.test(event.key) && runSequence(app, event.key)) event.preventDefault();
      else if (event.key === "/") {
        event.preventDefault();
        void perform(app, openPalette, undefined);
      } else if (event.key === "?") void perform(app, openCheatSheet, undefined);
      else if (event.key === "g") pressedG = Date.now();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [app]);
}
