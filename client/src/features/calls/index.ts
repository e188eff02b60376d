export { CallBar } from "./CallBar";
export { CallWindow } from "./CallWindow";
export { DialConfirm } from "./DialConfirm";
export { isBusyTarget, useAnnounceCalls, useCallKeys, useDesktopNotifications, useRing, useTitle } from "./effects";
export { IncomingBanner } from "./IncomingBanner";
