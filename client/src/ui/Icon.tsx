/** Icons drawn on a 24 px grid with one stroke; decoration only, the words are elsewhere. */
import type { IconName } from "@core/icons";

const PHONE = "M6.5 4h3l1.5 4.5-2 1.6a12 12 0 0 0 4.9 4.9l1.6-2L20 14.5v3A2.5 2.5 0 0 1 17.5 20 13.5 13.5 0 0 1 4 6.5 2.5 2.5 0 0 1 6.5 4z";

const PATHS: Record<IconName, string> = {
  alert: "M12 8v5M12 16.5v.01M10.3 4.2 3 17a2 2 0 0 0 1.7 3h14.600A2 2 0 0 0 21 17L13.7 4.200a2 2 0 0 0-3.4 0z",
  arrow: "M5 12h14M13 6l6 6-6 6",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.500a2 2 0 0 0 4 0",
  bellOff: "M4 4l16 16M8 6.500A6 6 0 0 1 18 11v4M6 11v5l-1.5 2H18M10 20.500a2 2 0 0 0 4 0",
  callBack: `${PHONE}M14 8h6M17 5l-3 3 3 3`,
  chat: "M5 5h14v10H10l-5 4z",
  check: "M5 12.500l4.5 4.500L19 7.5",
  chevronDown: "M6 9l6 6 6-6",
  chevronRight: "M9 6l6 6-6 6",
  close: "M6 6l12 12M18 6L6 18",
  conference: "M12 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM7.5 19a4.5 4.5 0 0 1 9 0M4 12.500a2 2 0 1 0 0-.01M20 12.500a2 2 0 1 0 0-.01",
  contacts: "M6 4h13v16H6zM4 8h4M4 12h4M4 16h4M12.5 11.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9.5 16.500a3 3 0 0 1 6 0",
  copy: "M9 9h10v11H9zM5 15V4h10",
  deskPhone: "M4 9c0-4 16-4 16 0v2h-4V9H8v2H4zM7 13h10l2.5 7h-15zM12 16v.01M9.5 16v.01M14.5 16v.01",
  directory: "M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9.5 8h5M9.5 11.500h3",
  drag: "M9 6v.01M15 6v.01M9 12v.01M15 12v.01M9 18v.01M15 18v.01",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  external: "M11 6H6v12h12v-5M14 4h6v6M20 4l-9 9",
  eye: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 14.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  filter: "M4 6h16M7 12h10M10 18h4",
  forward: "M4 18v-3a5 5 0 0 1 5-5h10M15 5l5 5-5 5",
  globe: "M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM3.5 12h17M12 3.500c3 3 3 14 0 17M12 3.500c-3 3-3 14 0 17",
  group: "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z",
  hash: "M9 4L7 20M17 4l-2 16M4.5 9H20M4 15h15.5",
  headset: "M4 14v-2a8 8 0 0 1 16 0v2M4 13.500h3v5H5a1 1 0 0 1-1-1zM20 13.500h-3v5h2a1 1 0 0 0 1-1zM19.5 18.500c0 2-2.5 2.5-5.5 2.5",
  info: "M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5.500M12 7.500v.01",
  journal: "M4 6h2M4 12h2M4 18h2M9 6h11M9 12h11M9 18h11",
  keyboard: "M3 6h18v12H3zM7 10v.01M11 10v.01M15 10v.01M7.5 14h9",
  keypad: "M6 5v.01M12 5v.01M18 5v.01M6 11v.01M12 11v.01M18 11v.01M6 17v.01M12 17v.01M18 17v.01M12 21v.01",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  mail: "M3.5 6h17v12h-17zM4 7l8 6 8-6",
  missed: "M4 5l7 7 7-7M4 5h5M4 5v5M4 18c5-3.5 11-3.5 16 0",
  monitor: "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.5 19a5.5 5.5 0 0 1 11 0M16 5.500a3 3 0 0 1 0 5.500M17.5 14.200a5.5 5.5 0 0 1 3 4.8",
  moon: "M19.5 14A8 8 0 1 1 10 4.5 6.5 6.5 0 0 0 19.5 14z",
  more: "M5 12v.01M12 12v.01M19 12v.01",
  note: "M5 4h14v10l-5 6H5zM14 20v-6h5M8.5 9h7",
  park: "M8 20V5h5a4 4 0 0 1 0 8.500H8",
  pause: "M9 6v12M15 6v12",
  phone: PHONE,
  phoneIn: `${PHONE}M20 4l-5.5 5.500M14.5 5v4.500H19`,
  phoneOff: "M4 15.500c-1-4 3-7 8-7s9 3 8 7l-4 .5-1-3.500c-2-.6-4-.6-6 0L8 16z",
  phoneOut: `${PHONE}M14.5 9.500L20 4M15.5 4H20v4.5`,
  pickUp: "M4 9c0-4 16-4 16 0v2h-4V9H8v2H4zM12 21v-8M8.5 16.500L12 13l3.5 3.5",
  play: "M8 5.500v13l10.5-6.500z",
  plug: "M9 4v5M15 4v5M6.5 9h11v3a5.5 5.5 0 0 1-11 0zM12 17.500V21",
  plus: "M12 5v14M5 12h14",
  presence: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM8.5 12l2.5 2.5 4.5-5",
  pulse: "M3 12h4l2.5-7 5 14L17 12h4",
  refresh: "M19 8a8 8 0 1 0 1 5M20 4v5h-5",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",
  settings: "M5 7h8M17 7h2M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5 17h2M11 17h8M9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  signOut: "M10 5H5v14h5M14 8l4 4-4 4M18 12H9",
  star: "M12 4l2.5 5.2 5.5.8-4 4 1 5.7-5-2.7-5 2.7 1-5.7-4-4 5.5-.800z",
  starFilled: "M12 4l2.5 5.2 5.5.8-4 4 1 5.7-5-2.7-5 2.7 1-5.7-4-4 5.5-.800z",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.600L7 7M17 17l1.4 1.400M5.6 18.400L7 17M17 7l1.4-1.4",
  swap: "M7 4L3.5 7.5 7 11M3.5 7.500H17M17 13l3.5 3.500L17 20M20.5 16.500H7",
  tiles: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  rows: "M4 6h16M4 12h16M4 18h16",
  dense: "M4 5h7M4 10h7M4 15h7M4 20h7M14 5h6M14 10h6M14 15h6M14 20h6",
  transfer: "M4 12h11M11 7l5 5-5 5M20 5v14",
  sync: "M5 9a7.5 7.5 0 0 1 13-2l1.5 1.500M19.5 4v4.500H15M19 15a7.5 7.5 0 0 1-13 2l-1.5-1.500M4.5 20v-4.500H9",
  file: "M6 3.500h8l4 4v13H6zM14 3.500v4h4M9 12h6M9 15.500h6",
  sheet: "M4 5h16v14H4zM4 9.500h16M4 14h16M10 5v14",
  code: "M8.5 7L3.5 12l5 5M15.5 7l5 5-5 5M13.5 5l-3 14",
  card: "M3.5 6h17v12h-17zM8 12.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5.5 16a2.5 2.5 0 0 1 5 0M13.5 10h4M13.5 13.500h4",
  tree: "M9.5 3.500h5v4h-5zM3.5 16.500h5v4h-5zM15.5 16.500h5v4h-5zM12 7.500v4.500M6 16.500V12h12v4.500",
  database: "M5 6.500c0-4 14-4 14 0s-14 4-14 0zM5 6.500v11c0 4 14 4 14 0v-11M5 12c0 4 14 4 14 0",
  cloud: "M7 18.500a4 4 0 0 1-.5-8 5.5 5.5 0 0 1 10.700 1 3.5 3.5 0 0 1 .3 7z",
  calendar: "M4.5 6h15v14h-15zM4.5 10.500h15M8.5 3.500v4M15.5 3.500v4",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13",
  undo: "M9 5L4.5 9.5 9 14M5 9.500h9a5 5 0 0 1 0 10h-4",
  upload: "M12 16V5M7.5 9L12 4.5 16.5 9M5 15v4.500h14V15",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",
  userPlus: "M10 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 20a7 7 0 0 1 14 0M19 8v6M16 11h6",
  users: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.500a3.5 3.5 0 0 1 0 6.500M18 14a6.5 6.5 0 0 1 3.5 6",
  voicemail: "M6.5 15.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM17.5 15.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM6.5 15.500h11",
  volume: "M4 9.500h4L13 5v14l-5-4.500H4zM16.5 9a4 4 0 0 1 0 6M19 6.500a8 8 0 0 1 0 11",
};

const DOTS: ReadonlySet<IconName> = new Set(["more", "drag", "keypad"]);

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={name === "starFilled" || name === "play" ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={DOTS.has(name) ? 2.6 : 1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flex: "none", display: "block" }}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
