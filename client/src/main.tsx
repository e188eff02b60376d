/** Entry: makes the one core object, gives it the browser's things, and draws. */
import "@ui/styles";
import { Unisono } from "@core/app";
import { dialFromAddress } from "@core/phone/dialtext";
import type { Socket } from "@core/replica/sync";
import { parsePath } from "@core/router";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";

// Libraries that write styles at run time look for the nonce of the page under this name.
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;

const app = new Unisono({
  openSocket: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/stream`) as Socket,
  pushPath: (path) => {
    if (path !== location.pathname + location.search) history.pushState(null, "", path);
  },
});

function readAddress(): void {
  const dial = dialFromAddress(location.search);
  app.store.patch({ route: parsePath(location.pathname), ...(dial ? { dialConfirm: dial } : {}) });
  if (dial) history.replaceState(null, "", location.pathname);
}

readAddress();
window.addEventListener("popstate", readAddress);
window.addEventListener("online", () => app.retryNow());
window.addEventListener("offline", () => app.networkLost());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && app.retryNow());
void app.start();

const root = document.getElementById("root");
if (root) createRoot(root).render(<App app={app} nonce={nonce} />);
