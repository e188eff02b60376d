/** The strip on every page while there is a call: with whom, since when, and what is most often done. */
import { alternate, dial, hangUp, hold, resume, transfer } from "@core/actions/calls";
import type { LineCall } from "@core/api/types";
import { activeCall, heldPartner, isRinging, ownCalls, parkedCalls, sameList } from "@core/replica/selectors";
import { Avatar } from "@ui/Avatar";
import { useApp, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ActionButton, RunningTime } from "@ui/parts";
import { useParty } from "./party";
import { stateWords } from "./words";
import "./calls.css";

export function CallBar() {
  const calls = useSelect((state) => ownCalls(state.replica.state).filter((call) => !isRinging(call)), sameList);
  const parked = useSelect((state) => parkedCalls(state.replica.state), sameList);
  const active = activeCall(calls);
  return (
    <>
      {parked.map((call) => <Parked key={call.id} call={call} />)}
      {active && <Bar call={active} held={heldPartner(calls, active)} more={calls.length - 1} />}
    </>
  );
}

/** Somebody waits, and where: until they are fetched, by whoever it is. */
function Parked({ call }: { call: LineCall }) {
  const { t } = useTexts();
  const { title, subtitle } = useParty(call.remote);
  const place = t("callbar.parked", { place: call.parked_at });
  return (
    <section className="callbar parked" aria-label={place} data-testid="parked-call">
      <Avatar name={title} size={32} />
      <span className="grow">
        <span className="clip callbar-name">{title}{subtitle && <span className="callbar-soft"> · {subtitle}</span>}</span>
        <span className="clip callbar-soft">{place} · <RunningTime since={call.since} /></span>
      </span>
      <ActionButton action={dial} target={{ to: call.parked_at }} title="call.fetch" withLabel className="chip" />
    </section>
  );
}

function Bar({ call, held, more }: { call: LineCall; held: LineCall | null; more: number }) {
  const texts = useTexts();
  const { t } = texts;
  const app = useApp();
  const open = useSelect((state) => state.callWindow === "open");
  const { title, subtitle } = useParty(call.remote);
  const toggle = () => app.store.patch({ callWindow: open ? "closed" : "open" });
  return (
    <section className="callbar" aria-label={t("callbar.title")} data-testid="call-bar" data-state={call.state}>
      <button type="button" className="plain row grow callbar-who" aria-expanded={open} aria-label={t(open ? "callbar.hide" : "callbar.show")} onClick={toggle}>
        <Avatar name={title} size={32} />
        <span className="grow" style={{ textAlign: "left" }}>
          <span className="clip callbar-name">{title}{subtitle && <span className="callbar-soft"> · {subtitle}</span>}</span>
          <span className="clip callbar-soft">{stateWords(call, texts)} · <RunningTime since={call.since} /></span>
        </span>
        <Icon name={open ? "chevronDown" : "chevronRight"} />
      </button>
      {held && <HeldChip call={held} active={call} />}
      {!held && more > 0 && <span className="callbar-soft">{t("callbar.more", { count: more })}</span>}
      <div className="row callbar-tools">
        {call.state === "hold"
          ? <ActionButton action={resume} target={{ call }} className="tool callbar-tool" />
          : <ActionButton action={hold} target={{ call }} className="tool callbar-tool" />}
        {held && <ActionButton action={transfer} target={{ call }} className="tool callbar-tool" />}
        <ActionButton action={hangUp} target={{ call }} className="tool callbar-tool hangup" />
      </div>
    </section>
  );
}

function HeldChip({ call, active }: { call: LineCall; active: LineCall }) {
  const { title } = useParty(call.remote);
  const { t } = useTexts();
  return (
    <span className="row callbar-held">
      <span className="clip callbar-soft">{t("callbar.held", { name: title })}</span>
      <ActionButton action={alternate} target={{ call: active }} className="tool callbar-tool" />
    </span>
  );
}
