/** Names of the icons; actions name them, `ui/Icon` draws them. */
export const ICON_NAMES = [
  "alert", "arrow", "bell", "bellOff", "callBack", "chat", "check", "chevronDown", "chevronRight", "close", "conference", "contacts", "copy", "deskPhone", "directory",
  "drag", "edit", "external", "eye", "filter", "forward", "globe", "group", "hash", "headset", "info", "journal", "keyboard", "keypad", "link",
  "lock", "mail", "missed", "monitor", "moon", "more", "note", "park", "pause", "phone", "phoneIn", "phoneOff", "phoneOut", "pickUp", "play",
  "plug", "plus", "presence", "pulse", "refresh", "save", "search", "settings", "signOut", "star", "starFilled", "sun", "swap", "tiles", "rows", "dense", "transfer",
  "trash", "undo", "upload", "sync", "file", "sheet", "code", "card", "tree", "database", "cloud", "calendar", "user", "userPlus", "users", "voicemail", "volume",
] as const;
export type IconName = (typeof ICON_NAMES)[number];
