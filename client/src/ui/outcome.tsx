/** How a call ended as icon and colour; the words stand beside it. */
import type { JournalEntry } from "@core/api/types";
import type { IconName } from "@core/icons";
import { Icon } from "./Icon";

const MISSED = /^(missed|abandoned|unreachable|refused-dnd)/;

export function isMissed(entry: Pick<JournalEntry, "outcome" | "direction">): boolean {
  return entry.direction === "inbound" && MISSED.test(entry.outcome);
}

export function outcomeIcon(entry: JournalEntry): { icon: IconName; colour: string } {
  if (entry.outcome === "voicemail" || entry.outcome === "missed-voicemail") return { icon: "voicemail", colour: "var(--violet)" };
  if (MISSED.test(entry.outcome) && entry.direction !== "outbound") {
    return { icon: "missed", colour: entry.open ? "var(--red)" : "var(--muted)" };
  }
  if (/^(forwarded|deflected|transferred)/.test(entry.outcome)) return { icon: "forward", colour: "var(--muted)" };
  if (/elsewhere/.test(entry.outcome)) return { icon: "pickUp", colour: "var(--muted)" };
  if (/^(busy|rejected|not-placed|unreachable|lost-sight|missed|abandoned)/.test(entry.outcome)) return { icon: "phoneOff", colour: "var(--muted)" };
  return { icon: entry.direction === "outbound" ? "phoneOut" : "phoneIn", colour: "var(--green)" };
}

export function OutcomeIcon({ entry }: { entry: JournalEntry }) {
  const { icon, colour } = outcomeIcon(entry);
  return <span style={{ color: colour, display: "inline-flex", paddingTop: 1 }}><Icon name={icon} /></span>;
}
