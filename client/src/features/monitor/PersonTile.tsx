/** One colleague: presence as shape and colour, what they do, and what can be done with them. */
import type { Action } from "@core/actions/action";
import { dial, pickUp, transferActive } from "@core/actions/calls";
import { setPresence, toggleFavourite } from "@core/actions/own";
import type { Person, PresenceState } from "@core/api/types";
import { activeCall, ownCalls, presenceOf, ringingAt, UNKNOWN_PRESENCE } from "@core/replica/selectors";
import type { Density } from "@core/settings";
import { Avatar } from "@ui/Avatar";
import { useApp, useMe, usePerform, useSelect, useTexts } from "@ui/hooks";
import { ActionButton } from "@ui/parts";
import { MenuItem, MenuLabel, PopMenu } from "@ui/PopMenu";
import { ActivityLine, PresenceMark, presenceWords } from "@ui/presence";
import { memo } from "react";

interface TileProps {
  person: Person;
  density: Density;
  /** Moves with the keyboard; only favourites can. */
  onArrange?: (step: -1 | 1) => void;
  onDragStart?: (event: React.DragEvent) => void;
  onDrop?: (event: React.DragEvent) => void;
}

export const PersonTile = memo(function PersonTile({ person, density, onArrange, onDragStart, onDrop }: TileProps) {
  const texts = useTexts();
  const app = useApp();
  const perform = usePerform();
  const presence = useSelect((state) => presenceOf(state.replica.state, person.id));
  const ringing = useSelect((state) => ringingAt(state.replica.state, person.id));
  const keyDown = (event: React.KeyboardEvent) => {
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowLeft")) onArrange?.(-1);
    else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowRight")) onArrange?.(1);
    else if (event.altKey || event.ctrlKey || event.metaKey) return;
    else if (event.key === "c" && person.number) void perform(dial, { to: person.number });
    else if (event.key === "p" && ringing) void perform(pickUp, { call: ringing });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const pickable = ringing !== null && person.rights.includes("pick-up");
  return (
    <li
      className={`tile ${density}`} data-ringing={presence.activity === "ringing" || undefined} data-testid={`person-${person.id}`}
      data-presence={presence.state} data-activity={presence.activity}
      draggable={onDragStart !== undefined} onDragStart={onDragStart} onDrop={onDrop} onDragOver={onDrop && ((event) => event.preventDefault())} onKeyDown={keyDown}
    >
      <PopMenu
        label={person.name}
        target={(
          <button
            type="button" className="plain tile-main" data-roving title={presenceWords(presence, texts, app.now())}
            onDoubleClick={() => person.number && void perform(dial, { to: person.number })}
          >
            {density === "dense" ? <PresenceMark presence={presence} id={person.id} /> : <Avatar name={person.name} size={density === "rows" ? 32 : 36} presence={presence} id={person.id} />}
            <span className="grow tile-text">
              <span className="clip tile-name">{person.name}</span>
              {density !== "dense" && <span className="clip tile-doing"><ActivityLine presence={presence} /></span>}
            </span>
            {density === "rows" && <span className="clip muted tile-department">{[...new Set([person.title, person.department || person.group_names[0], person.location_name])].filter(Boolean).join(", ")}</span>}
            {person.number && <span className="num muted tile-number">{person.number}</span>}
          </button>
        )}
      >
        {(close) => <PersonMenu person={person} settable={presence.settable} onDone={close} />}
      </PopMenu>
      <span className="tile-actions">
        {pickable && ringing && <ActionButton action={pickUp} target={{ call: ringing }} className="tool call pickup" label={texts.t("monitor.pickUpFrom", { name: person.name })} />}
        {density !== "dense" && person.number && (
          <ActionButton action={dial} target={{ to: person.number }} className="tool call tile-call" label={texts.t("monitor.callPerson", { name: person.name })} />
        )}
      </span>
    </li>
  );
});

const SETTABLE: readonly PresenceState[] = ["available", "busy", "away", "dnd"];

function PersonMenu({ person, settable, onDone }: { person: Person; settable: boolean; onDone: () => void }) {
  const { t, format } = useTexts();
  const perform = usePerform();
  const favourite = useMe()?.favourites.includes(person.id) ?? false;
  const inCall = useSelect((state) => activeCall(ownCalls(state.replica.state)) !== null);
  const act = <T,>(action: Action<T>, target: T) => () => {
    onDone();
    void perform(action, target);
  };
  return (
    <>
      <MenuLabel>
        {[person.name, person.title, person.department, person.location_name].filter(Boolean).join(" · ")}
        {person.group_names.length > 0 && <span className="menu-more">{t("people.groups")}: {format.list(person.group_names)}</span>}
      </MenuLabel>
      {[[person.number], [person.mobile, person.mobile_display]].map(([number, shown]) => number && <MenuItem key={number} icon="phone" onClick={act(dial, { to: number })}>{t("call.dialNumber", { number: shown ?? number })}</MenuItem>)}
      {inCall && person.number && <MenuItem icon="transfer" onClick={act(transferActive, { to: person.number })}>{t("monitor.transferHere")}</MenuItem>}
      {person.mail && <MenuItem icon="mail" href={`mailto:${person.mail}`} onClick={onDone}>{person.mail}</MenuItem>}
      <MenuItem icon={favourite ? "starFilled" : "star"} onClick={act(toggleFavourite, { userId: person.id })}>{t(favourite ? "monitor.removeFavourite" : "monitor.addFavourite")}</MenuItem>
      {settable && (
        <>
          <hr className="menu-line" />
          <MenuLabel>{t("monitor.setPresence", { name: person.given_name || person.name })}</MenuLabel>
          {SETTABLE.map((state) => (
            <MenuItem key={state} mark={<PresenceMark presence={{ ...UNKNOWN_PRESENCE, state }} />} onClick={act(setPresence, { state, userId: person.id })}>{t(`presence.${state}`)}</MenuItem>
          ))}
          <MenuItem icon="undo" onClick={act(setPresence, { state: null, userId: person.id })}>{t("presence.setAuto")}</MenuItem>
        </>
      )}
    </>
  );
}
