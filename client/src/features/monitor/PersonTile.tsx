/** One colleague: presence as shape and colour, what they do, and what can be done with them. */
import { dial, pickUp, transferActive } from "@core/actions/calls";
import { setPresence, toggleFavourite } from "@core/actions/own";
import type { Person, PresenceState } from "@core/api/types";
import { activeCall, ownCalls, presenceOf, ringingAt } from "@core/replica/selectors";
import type { Density } from "@core/settings";
import { Avatar } from "@ui/Avatar";
import { useApp, useMe, usePerform, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ActionButton } from "@ui/parts";
import { ActivityLine, PresenceMark, presenceWords } from "@ui/presence";
import { Menu } from "@mantine/core";
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
      <Menu position="bottom-start" width={260} trapFocus returnFocus>
        <Menu.Target>
          <button
            type="button" className="plain tile-main" data-roving title={presenceWords(presence, texts, app.now())}
            onDoubleClick={() => person.number && void perform(dial, { to: person.number })}
          >
            {density === "dense" ? <PresenceMark presence={presence} id={person.id} /> : <Avatar name={person.name} initials={person.initials} size={density === "rows" ? 32 : 44} presence={presence} id={person.id} />}
            <span className="grow tile-text">
              <span className="clip tile-name">{person.name}</span>
              {density !== "dense" && <span className="clip tile-doing"><ActivityLine presence={presence} /></span>}
            </span>
            {density === "rows" && <span className="clip muted tile-department">{[person.title, person.department].filter(Boolean).join(", ")}</span>}
            {density !== "tiles" && person.number && <span className="num muted">{person.number}</span>}
          </button>
        </Menu.Target>
        <Menu.Dropdown><PersonMenu person={person} settable={presence.settable} /></Menu.Dropdown>
      </Menu>
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

function PersonMenu({ person, settable }: { person: Person; settable: boolean }) {
  const { t } = useTexts();
  const perform = usePerform();
  const favourite = useMe()?.favourites.includes(person.id) ?? false;
  const inCall = useSelect((state) => activeCall(ownCalls(state.replica.state)) !== null);
  const mail = person.mail;
  return (
    <>
      <Menu.Label>{[person.name, person.title, person.department].filter(Boolean).join(" · ")}</Menu.Label>
      {[person.number, person.mobile].map((number) => number && (
        <Menu.Item key={number} leftSection={<Icon name="phone" size={16} />} onClick={() => void perform(dial, { to: number })}>
          {t("call.dialNumber", { number })}
        </Menu.Item>
      ))}
      {inCall && person.number && (
        <Menu.Item leftSection={<Icon name="transfer" size={16} />} onClick={() => void perform(transferActive, { to: person.number ?? "" })}>
          {t("monitor.transferHere")}
        </Menu.Item>
      )}
      {mail && <Menu.Item component="a" href={`mailto:${mail}`} leftSection={<Icon name="mail" size={16} />}>{mail}</Menu.Item>}
      <Menu.Item leftSection={<Icon name={favourite ? "starFilled" : "star"} size={16} />} onClick={() => void perform(toggleFavourite, { userId: person.id })}>
        {t(favourite ? "monitor.removeFavourite" : "monitor.addFavourite")}
      </Menu.Item>
      {settable && (
        <>
          <Menu.Divider />
          <Menu.Label>{t("monitor.setPresence", { name: person.given_name || person.name })}</Menu.Label>
          {SETTABLE.map((state) => (
            <Menu.Item key={state} onClick={() => void perform(setPresence, { state, userId: person.id })} leftSection={<PresenceMark presence={{ state, reason: "none", since: null, until: null, note: "", activity: "none", with: "", settable }} />}>
              {t(`presence.${state}`)}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => void perform(setPresence, { state: null, userId: person.id })} leftSection={<Icon name="undo" size={16} />}>{t("presence.setAuto")}</Menu.Item>
        </>
      )}
    </>
  );
}
