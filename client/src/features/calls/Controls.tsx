/** The call's controls in fixed places: what is impossible now is dim and says why. */
import {
  alternate, blindTransfer, callBack, conference, consult, hangUp, hold, park, reconnect, resume, sendDigits, transfer, type CallTarget,
} from "@core/actions/calls";
import type { Action } from "@core/actions/action";
import type { LineCall } from "@core/api/types";
import { KEYS } from "@core/phone/dialtext";
import { useAction, useApp, usePerform, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ActionButton } from "@ui/parts";
import { WhoField } from "@ui/search";
import { useRef, useState } from "react";

export function Controls({ call, held }: { call: LineCall; held: LineCall | null }) {
  const { t } = useTexts();
  const [keypad, setKeypad] = useState(false);
  const ask = useSelect((state) => (state.ask?.callId === call.id ? state.ask : null));
  const onHold = call.state === "hold";
  const grid: Action<CallTarget>[] = [onHold ? resume : hold, consult, transfer, blindTransfer, alternate, conference, park];
  return (
    <div className="stack controls" style={{ gap: 12 }}>
      <div className="controls-grid" role="group" aria-label={t("window.controls")}>
        {grid.map((action) => (
          <ActionButton key={action === resume ? hold.id : action.id} action={action} target={{ call }} withLabel className="control" size={20} />
        ))}
        <button type="button" className="control" aria-expanded={keypad} aria-pressed={keypad} onClick={() => setKeypad(!keypad)}>
          <Icon name="keypad" size={20} /> <span className="label">{t("call.keypad")}</span>
        </button>
      </div>
      {ask && ask.what !== "deflect" && <AskWho call={call} what={ask.what} />}
      {keypad && <Keypad call={call} />}
      <div className="row wrap controls-end" style={{ gap: 8 }}>
        {held && <ActionButton action={reconnect} target={{ call }} withLabel className="big plainly" />}
        {(call.state === "busy" || call.state === "ringback") && call.services.includes("callBackCall") && (
          <ActionButton action={callBack} target={{ call }} withLabel className="big plainly" />
        )}
        <ActionButton action={hangUp} target={{ call }} withLabel className="big red" />
      </div>
    </div>
  );
}

function AskWho({ call, what }: { call: LineCall; what: "consult" | "blind-transfer" }) {
  const { t } = useTexts();
  const app = useApp();
  const perform = usePerform();
  const action = what === "consult" ? consult : blindTransfer;
  return (
    <WhoField
      label={t(what === "consult" ? "window.consultWho" : "window.transferWho")} autoFocus
      onChoose={(to) => void perform(action, { call, to })} onCancel={() => app.store.patch({ ask: null })}
    />
  );
}

function Keypad({ call }: { call: LineCall }) {
  const { t } = useTexts();
  const perform = usePerform();
  const { refusal } = useAction(sendDigits, { call });
  const [sent, setSent] = useState("");
  const line = useRef(Promise.resolve(true));
  const press = (digits: string) => {
    if (refusal) return;
    setSent((before) => before + digits);
    // One after the other, as they were pressed; what was not sent does not stand there as if it had been.
    line.current = line.current.then(() => perform(sendDigits, { call, digits }));
    void line.current.then((done) => done || setSent((before) => before.slice(0, -digits.length)));
  };
  return (
    <div className="stack" style={{ gap: 8 }}>
      <input
        className="keypad-sent num" aria-label={t("window.digits")} value={sent} readOnly autoFocus
        onKeyDown={(event) => {
          if (/^[\d*#]$/.test(event.key) && !event.altKey && !event.ctrlKey) {
            event.preventDefault();
            press(event.key);
          }
        }}
      />
      {refusal && <span className="muted" role="status">{t(refusal.key)}</span>}
      <div className="keypad">
        {KEYS.map((key) => (
          <button key={key} type="button" className="key num" aria-disabled={refusal ? true : undefined} onMouseDown={(event) => event.preventDefault() /* typing goes on in the field */} onClick={() => press(key)}>{key}</button>
        ))}
      </div>
    </div>
  );
}
