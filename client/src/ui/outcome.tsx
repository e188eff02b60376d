/** How a call ended as icon and colour; the words stand beside it. */
import type { JournalEntry } from "@core/api/types";
import type { IconName } from "@core/icons";
import { outcomeWord } from "@core/journal";
import { partyTitle } from "@core/replica/selectors";
import { type Texts, useSelect } from "./hooks";
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

/** What became of a call, and with whom: "Transferred to Marco Degano", "Answered by a colleague: Marco Degano". */
export function outcomeWords(entry: JournalEntry, { t, word }: Pick<Texts, "t" | "word">): string {
  const outcome = word("outcome", outcomeWord(entry));
  const to = entry.transferred_to ? partyTitle(entry.transferred_to) : "";
  if (to) return t("outcome.toWhom", { outcome, name: to });
  return entry.answered_by ? `${outcome}: ${entry.answered_by}` : outcome;
}

/** How a missed call was dealt with and by whom; empty: it was not. */
export function useDone(entry: Pick<JournalEntry, "done_by" | "done_how">, { t, word }: Pick<Texts, "t" | "word">): string {
  const name = useSelect(({ replica: { state } }) => {
    const id = entry.done_by ?? "";
    return state.me.me?.id === id ? state.me.me.name : (state.people[id]?.name ?? "");
  });
  if (!entry.done_how) return "";
  const how = word("done", entry.done_how);
  return name ? t("done.by", { how, name }) : how;
}
