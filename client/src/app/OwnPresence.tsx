/** Own presence with its reason and until when, one click from being changed. */
import { perform } from "@core/actions/action";
import { setPresence, signOut, toggleTheme } from "@core/actions/own";
import type { PresenceState } from "@core/api/types";
import { presenceOf, UNKNOWN_PRESENCE } from "@core/replica/selectors";
import { Avatar } from "@ui/Avatar";
import { useApp, useMe, useSelect, useTexts, useWidth } from "@ui/hooks";
import { Refusals } from "@ui/refusals";
import { MenuItem, MenuLabel, PopMenu } from "@ui/PopMenu";
import { PresenceMark, presenceWords } from "@ui/presence";
import { useState } from "react";

const STATES: readonly PresenceState[] = ["available", "busy", "away", "dnd"];
type Span = "open" | "30" | "60" | "240" | "day";
const SPANS: readonly Span[] = ["open", "30", "60", "240", "day"];

/** When a chosen span ends, in ISO; null: not by itself. */
export function untilOf(span: Span, now: number): string | null {
  if (span === "open") return null;
  if (span === "day") return new Date(new Date(now).setHours(23, 59, 0, 0)).toISOString();
  return new Date(now + Number(span) * 60_000).toISOString();
}

export function OwnPresence() {
  const app = useApp();
  const texts = useTexts();
  const { t } = texts;
  const user = useMe();
  const width = useWidth();
  const presence = useSelect((state) => (user ? presenceOf(state.replica.state, user.id) : UNKNOWN_PRESENCE));
  const offline = useSelect((state) => state.link !== "live");
  const words = presenceWords(presence, texts, app.now());
  if (!user) return null;
  return (
    <PopMenu
      label={t("presence.set")} position="bottom-end" width={300}
      target={(
        <button type="button" className="plain row own" aria-label={`${user.name}, ${words}`} data-testid="own-presence">
          {width !== "phone" && (
            <span className="own-text"><span className="clip own-name">{user.name}</span><span className="clip muted own-words">{words}</span></span>
          )}
          <Avatar name={user.name} size={34} presence={presence} id={user.id} />
        </button>
      )}
    >
      {(close) => (
        <>
          <MenuLabel>{words}</MenuLabel>
          {offline && <MenuLabel>{t("why.offline")}</MenuLabel>}
          <Refusals mine={(key) => key.startsWith("presence.set:me")} />
          <PresenceForm onDone={close} note={presence.reason === "manual" ? presence.note : ""} disabled={offline} />
          <hr className="menu-line" />
          <MenuItem icon="settings" onClick={() => { close(); app.go("/settings"); }}>{t("nav.settings")}</MenuItem>
          <MenuItem icon="moon" onClick={() => void perform(app, toggleTheme, undefined)}>{t("action.theme")}</MenuItem>
          <MenuItem icon="signOut" onClick={() => void perform(app, signOut, undefined)}>{t("action.signOut")}</MenuItem>
        </>
      )}
    </PopMenu>
  );
}

function PresenceForm({ note: given, onDone, disabled }: { note: string; onDone: () => void; disabled: boolean }) {
  const app = useApp();
  const { t } = useTexts();
  const [note, setNote] = useState(given);
  const [span, setSpan] = useState<Span>("open");
  const choose = (state: PresenceState | null) => {
    void perform(app, setPresence, { state, note: state ? note.trim() : "", until: state ? untilOf(span, app.now()) : null }).then((done) => done && onDone());
  };
  return (
    <>
      <div className="row own-form" role="group" aria-label={t("presence.details")}>
        <input className="filter grow" aria-label={t("presence.note")} placeholder={t("presence.note")} value={note} maxLength={120} onChange={(event) => setNote(event.target.value)} />
        <select className="select" aria-label={t("presence.howLong")} value={span} onChange={(event) => setSpan(event.target.value as Span)}>
          {SPANS.map((each) => <option key={each} value={each}>{t(`presence.span.${each}`)}</option>)}
        </select>
      </div>
      {STATES.map((state) => (
        <MenuItem key={state} disabled={disabled} mark={<PresenceMark presence={{ ...UNKNOWN_PRESENCE, state }} />} onClick={() => choose(state)}>{t(`presence.${state}`)}</MenuItem>
      ))}
      <MenuItem disabled={disabled} icon="undo" onClick={() => choose(null)}>{t("presence.setAuto")}</MenuItem>
    </>
  );
}
