/** Asks again while something goes on at the server. */
import { useEffect } from "react";

const POLL_MS = 1000;

export function usePolled(going: boolean, reload: () => void) {
  useEffect(() => {
    if (!going) return undefined;
    const timer = setInterval(reload, POLL_MS);
    return () => clearInterval(timer);
  }, [going, reload]);
}
