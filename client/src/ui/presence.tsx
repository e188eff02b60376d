/** Presence as shape and colour together: dot, half, moon, bar, ring. Never colour alone. */
import type { Presence, PresenceState } from "@core/api/types";
import { clock, millis } from "@core/i18n/format";
import { type Texts, useApp, useNow, useTexts } from "./hooks";

export const PRESENCE_COLOURS: Record<PresenceState, string> = {
  available: "var(--green)", busy: "var(--red)", away: "var(--amber-mark)", dnd: "var(--violet)", offline: "var(--grey-mark)", unknown: "var(--grey-mark)",
};

function Shape({ state, telephone }: { state: PresenceState; telephone: boolean }) {
  const colour = PRESENCE_COLOURS[state];
  switch (state) {
    case "available":
      // Hollow where only the telephone is there.
      if (telephone) return <circle cx="8" cy="8" r="5" fill="none" stroke={colour} strokeWidth="3.4" />;
      return <circle cx="8" cy="8" r="6.5" fill={colour} />;
    case "busy":
      return (
        <>
          <circle cx="8" cy="8" r="5.6" fill="none" stroke={colour} strokeWidth="1.9" />
          <path d="M8 2.4a5.6 5.6 0 0 0 0 11.200z" fill={colour} />
        </>
      );
    case "away":
      return <path d="M13.8 10.3A6.3 6.3 0 1 1 6.2 2.100a5 5 0 0 0 7.6 8.200z" fill={colour} />;
    case "dnd":
      return (
        <>
          <circle cx="8" cy="8" r="6.5" fill={colour} />
          <rect x="4.2" y="6.9" width="7.6" height="2.2" rx="1" fill="var(--surface)" />
        </>
      );
    case "offline":
      return <circle cx="8" cy="8" r="5.5" fill="none" stroke={colour} strokeWidth="2" />;
    case "unknown":
      return <circle cx="8" cy="8" r="5.5" fill="none" stroke={colour} strokeWidth="2" strokeDasharray="2.6 2.6" />;
  }
}

const stateWords = (presence: Presence, t: Texts["t"]) => t(presence.reason === "telephone" ? "presence.byTelephone" : `presence.${presence.state}`);

export function PresenceMark({ presence, size = 12, id }: { presence: Presence; size?: number; id?: string }) {
  const { t } = useTexts();
  return (
    <svg
      width={size} height={size} viewBox="0 0 16 16" role="img" aria-label={stateWords(presence, t)}
      data-testid={id ? `presence-${id}` : undefined} data-state={presence.state} style={{ flex: "none", display: "block" }}
    >
      <Shape state={presence.state} telephone={presence.reason === "telephone"} />
    </svg>
  );
}

/** Reasons that the state has in it already. */
const SAYS_NO_MORE = new Set<Presence["reason"]>(["none", "manual", "signed-out", "telephone"]);

/** "Busy: on the phone since 10:42", "Away until 14:00: lunch". */
export function presenceWords(presence: Presence, { t, format, word }: Texts, now: number): string {
  const state = stateWords(presence, t);
  const reason = SAYS_NO_MORE.has(presence.reason) ? "" : word("presence.reason", presence.reason);
  const since = presence.since && presence.reason !== "none" ? t("presence.since", { time: format.moment(presence.since, now) }) : "";
  const until = presence.until ? t("presence.until", { time: format.moment(presence.until, now) }) : "";
  const detail = [reason, until || since].filter(Boolean).join(" ");
  return [detail ? `${state}: ${detail}` : state, presence.note].filter(Boolean).join(" · ");
}

/** What somebody is doing, with the running time: "On the phone with Rossi & C., 3:12". Ticks only while there is something to count. */
export function ActivityLine({ presence }: { presence: Presence }) {
  const app = useApp();
  const texts = useTexts();
  const { t } = texts;
  if (presence.activity === "none") return <>{idleWords(presence, texts, app.now())}</>;
  const doing = presence.with
    ? t(`activity.${presence.activity}.with`, { name: presence.with })
    : t(`activity.${presence.activity}`);
  return (
    <span className="doing">
      <span className="clip">{doing}</span>
      {presence.since && <Elapsed since={presence.since} />}
    </span>
  );
}

function Elapsed({ since }: { since: string }) {
  const now = useNow();
  return <span className="num">{clock((now - millis(since)) / 1000)}</span>;
}

/** Short: the note or the state, and until when. */
function idleWords(presence: Presence, { t, format, word }: Texts, now: number): string {
  const short = presence.reason === "idle" || presence.reason === "telephone";
  const words = presence.note || (short ? word("presence.reason", presence.reason) : t(`presence.${presence.state}`));
  return presence.until ? `${words}, ${t("presence.until", { time: format.moment(presence.until, now) })}` : words;
}
