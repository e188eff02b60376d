/** "Call this number?": for `tel:` links from other programs, and for those who want to be asked. */
import { dial } from "@core/actions/calls";
import { isEmergency } from "@core/phone/dialtext";
import { ownLines, sameList } from "@core/replica/selectors";
import { useApp, useLoad, usePerform, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Refusals } from "@ui/refusals";
import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { CountrySign } from "./party";

export function DialConfirm() {
  const app = useApp();
  const { t } = useTexts();
  const number = useSelect((state) => state.dialConfirm);
  const close = () => app.store.patch({ dialConfirm: null });
  return (
    <Modal opened={number !== null} onClose={close} title={t(number !== null && isEmergency(number) ? "dial.emergency" : "dial.title")} size="sm" closeButtonProps={{ "aria-label": t("action.close") }}>
      {number !== null && <Question number={number} onClose={close} />}
    </Modal>
  );
}

function Question({ number, onClose }: { number: string; onClose: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const perform = usePerform();
  const lines = useSelect((state) => ownLines(state.replica.state), sameList);
  const [line, setLine] = useState<string | undefined>(undefined);
  const { value } = useLoad(() => app.api.identify(number), number);
  const target = { to: number, sure: true, ...(line ? { lineId: line } : {}) };
  const party = value?.party;
  return (
    <form
      className="stack" style={{ gap: 16 }}
      onSubmit={(event) => {
        event.preventDefault();
        void perform(dial, target);
      }}
    >
      <div>
        {party && (party.name || party.company) && <div className="callcard-name">{[party.name, party.company].filter(Boolean).join(", ")}</div>}
        <div className="row num" style={{ fontSize: 18 }}><CountrySign country={party?.country ?? ""} />{party?.display || number}</div>
      </div>
      {lines.length > 1 && (
        <label className="row">
          {t("dial.line")}
          <select className="select grow" value={line ?? lines[0]?.id} onChange={(event) => setLine(event.target.value)}>
            {lines.map((each) => <option key={each.id} value={each.id}>{each.number} {each.name}</option>)}
          </select>
        </label>
      )}
      <Refusals mine={(key) => key.startsWith("dial:")} />
      <div className="row" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" leftSection={<Icon name="phone" size={16} />} data-autofocus>{t("call.dial")}</Button>
      </div>
    </form>
  );
}
