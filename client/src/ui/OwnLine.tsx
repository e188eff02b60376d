/** One own telephone: do not disturb and forwarding, as the telephone system says they are. Used by the shell and by the settings. */
import { lineDnd, lineForwarding } from "@core/actions/own";
import type { Line } from "@core/api/types";
import { useState } from "react";
import { useAction, usePerform, useTexts } from "./hooks";
import { PhoneNumber, ProblemNotice } from "./parts";
import { Refusals } from "./refusals";
import { WhoField } from "./search";

/** What a new forwarding may be; others that are set at the telephone are shown and can be switched off. */
const OFFERED = ["forwardImmediate", "forwardBusy", "forwardNoAns"] as const;

export function OwnLine({ line }: { line: Line }) {
  const { t, word } = useTexts();
  const perform = usePerform();
  const status = line.device_status;
  return (
    <div className="stack own-line">
      <div className="row wrap">
        <strong className="num">{line.number}</strong> <span className="grow">{line.name}</span>
        {!status.in_service && <span className="tag red">{t("line.outOfService")}</span>}
        {status.messages_waiting > 0 && <span className="tag violet">{t("line.messages", { count: status.messages_waiting })}</span>}
      </div>
      <Dnd line={line} />
      {status.forwarding.map((forwarding) => (
        <div key={forwarding.type} className="row">
          <span className="tag amber">{word("forwarding", forwarding.type)}</span> <PhoneNumber number={forwarding.to} display={forwarding.display} />
          <button type="button" className="tool" onClick={() => void perform(lineForwarding, { lineId: line.id, type: forwarding.type, on: false, to: "" })}>{t("line.forwardingOff")}</button>
        </div>
      ))}
      <Forward line={line} />
      <Refusals mine={(key) => key.startsWith(`${lineForwarding.id}:${line.id}:`)} />
    </div>
  );
}

function Dnd({ line }: { line: Line }) {
  const { t } = useTexts();
  const on = line.device_status.do_not_disturb;
  const { run, refusal, pending, problem, key } = useAction(lineDnd, { lineId: line.id, on: !on });
  return (
    <>
      <label className="switch-row row">
        <input type="checkbox" role="switch" className="switch" checked={on} disabled={refusal !== null} aria-busy={pending || undefined} onChange={() => void run()} />
        <span>{t("line.dnd")}{refusal && <span className="muted"> · {t(refusal.key)}</span>}</span>
      </label>
      {problem && <ProblemNotice problem={problem} actionKeys={[key]} />}
    </>
  );
}

function Forward({ line }: { line: Line }) {
  const { t } = useTexts();
  const perform = usePerform();
  const [type, setType] = useState<(typeof OFFERED)[number]>("forwardImmediate");
  const [done, setDone] = useState(0);
  const { refusal } = useAction(lineForwarding, { lineId: line.id, type, on: true, to: "" });
  const blocked = refusal !== null;
  const label = t(type === "forwardImmediate" ? "line.forwardTo" : "line.forwardSomeTo");
  const forward = (to: string) => void perform(lineForwarding, { lineId: line.id, type, on: true, to }).then((taken) => taken && setDone(done + 1));
  return (
    <div className="stack" style={{ gap: 4 }}>
      <div className="row">
        <span className="muted grow">{label}</span>
        <select className="select select-small" aria-label={t("line.forwardWhen")} value={type} disabled={blocked} onChange={(event) => setType(event.target.value as typeof type)}>
          {OFFERED.map((each) => <option key={each} value={each}>{t(`line.when.${each}`)}</option>)}
        </select>
      </div>
      {refusal ? <span className="muted">{t(refusal.key)}</span> : <WhoField key={done} label={label} placeholder={t("line.forwardWhom")} onChoose={forward} />}
    </div>
  );
}
