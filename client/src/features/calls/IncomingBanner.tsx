/** Over everything while a call rings: who, on which line, what was last, and two actions. It never takes the focus. */
import { answer, decline, deflect } from "@core/actions/calls";
import type { LineCall } from "@core/api/types";
import { lastContacts } from "@core/journal";
import { ringingCalls, sameList } from "@core/replica/selectors";
import { Avatar } from "@ui/Avatar";
import { historyLine, useHistory } from "@ui/contact";
import { useApp, useMe, usePerform, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ActionButton, RunningTime } from "@ui/parts";
import { Refusals } from "@ui/refusals";
import { WhoField } from "@ui/search";
import { useState } from "react";
import { Alternatives } from "./Alternatives";
import { CountrySign, Route, useParty } from "./party";
import "./calls.css";

export function IncomingBanner() {
  const ringing = useSelect((state) => ringingCalls(state.replica.state), sameList);
  const [chosen, setChosen] = useState<string | null>(null);
  const top = ringing.find((call) => call.id === chosen) ?? ringing[0];
  const { t } = useTexts();
  if (!top) return null;
  const others = ringing.filter((call) => call.id !== top.id);
  return (
    <section className="banner" aria-label={t("banner.title")} data-testid="incoming-banner" data-call={top.call_id}>
      <Ringing call={top} key={top.id} />
      {others.length > 0 && (
        <ul className="banner-others" aria-label={t("banner.others", { count: others.length })}>
          {others.map((call) => (
            <li key={call.id}>
              <OtherCall call={call} onShow={() => setChosen(call.id)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Ringing({ call }: { call: LineCall }) {
  const { t } = useTexts();
  const perform = usePerform();
  const app = useApp();
  const { title, subtitle, number, country, known } = useParty(call.remote);
  const deflecting = useSelect((state) => state.ask?.callId === call.id && state.ask.what === "deflect");
  return (
    <div className="banner-call">
      <div className="banner-who">
        <span className="banner-avatar"><Avatar name={title} size={56} /></span>
        <div className="grow">
          <div className="row banner-kicker">
            <span>{t(call.returned ? "banner.returned" : call.direction === "internal" ? "banner.internal" : "banner.incoming")}</span>
            <RunningTime since={call.rang ?? call.started} />
          </div>
          <div className="banner-name clip">{title}</div>
          {subtitle && <div className="banner-firm clip">{subtitle}</div>}
          {(number || country) && (
            <div className="row" style={{ gap: 6 }}><CountrySign country={call.remote.country} /><span className="num clip">{[number, country].filter(Boolean).join(" · ")}</span></div>
          )}
          <div className="clip"><Route call={call} /></div>
        </div>
      </div>
      <LastContact call={call} />
      <Alternatives call={call} byKey />
      {!known && !call.remote.restricted && (
        <button
          type="button" className="tool" style={{ alignSelf: "flex-start" }}
          onClick={() => app.go(`/contacts/new?number=${encodeURIComponent(call.remote.canonical || call.remote.number)}`)}
        >
          <Icon name="userPlus" size={16} /> {t("contact.createFrom")}
        </button>
      )}
      <Refusals mine={(key) => key.startsWith("call.") && key.includes(call.id)} />
      {deflecting ? (
        <WhoField
          label={t("banner.deflectTo")} autoFocus onCancel={() => app.store.patch({ ask: null })}
          onChoose={(to) => void perform(deflect, { call, to })}
        />
      ) : (
        <div className="banner-actions">
          <ActionButton action={answer} target={{ call }} withLabel hint className="big green" />
          <ActionButton action={decline} target={{ call }} withLabel hint className="big red" />
          <ActionButton action={deflect} target={{ call }} withLabel hint className="big plainly" />
        </div>
      )}
    </div>
  );
}

/** The last contact of anybody in the firm with them: "Tuesday, Anna, 4 min: offer 2231". */
function LastContact({ call }: { call: LineCall }) {
  const texts = useTexts();
  const app = useApp();
  const people = useSelect((state) => state.replica.state.people);
  const own = useMe()?.id;
  const { contactId } = useParty(call.remote);
  const { value, problem } = useHistory(call.remote, contactId);
  if (problem) return null;
  const last = lastContacts(value?.items ?? [], call)[0];
  const by = last?.user_id === own ? texts.t("history.you") : last?.user_id ? (people[last.user_id]?.given_name || (people[last.user_id]?.name ?? "")) : "";
  return (
    <div className="row banner-last" title={last ? texts.format.full(last.started) : undefined}>
      <Icon name="journal" size={16} />
      <span className="clip">
        {value === null ? "…" : last ? historyLine(last, texts, app.now(), by) : texts.t("banner.firstContact")}
      </span>
    </div>
  );
}

function OtherCall({ call, onShow }: { call: LineCall; onShow: () => void }) {
  const { title, subtitle } = useParty(call.remote);
  const { t } = useTexts();
  return (
    <div className="row">
      <button type="button" className="plain row grow banner-other" onClick={onShow}>
        <Avatar name={title} size={24} />
        <span className="grow clip">{title} <span className="muted">{subtitle}</span></span>
      </button>
      <ActionButton action={answer} target={{ call }} className="tool call" label={t("banner.answerNamed", { name: title })} />
      <ActionButton action={decline} target={{ call }} label={t("banner.declineNamed", { name: title })} />
    </div>
  );
}
