/** One's own settings: each change is saved at once. */
import { adoptMe, changeSettings } from "@core/actions/own";
import type { Locale } from "@core/api/types";
import { LOCALES } from "@core/i18n/translate";
import { Ringer } from "@core/notify/ring";
import { ownLines, sameList } from "@core/replica/selectors";
import type { Settings as Values } from "@core/settings";
import { useApp, useMe, usePerform, useSelect, useSettings, useTexts } from "@ui/hooks";
import { OwnLine } from "@ui/OwnLine";
import { Notice } from "@ui/parts";
import "@ui/styles-forms";
import { Button, SegmentedControl, Slider, Switch } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Password, Tokens } from "./Account";
import { Grants } from "./Grants";
import { Section } from "./Section";
import "./settings.css";

const ringer = new Ringer();

export default function Settings() {
  const { t } = useTexts();
  const user = useMe();
  return (
    <div className="page settings">
      <header className="page-head"><h1>{t("nav.settings")}</h1><p className="muted">{user?.name} · {user?.login}</p></header>
      <Look />
      <Ringing />
      <Lines />
      <Grants />
      <Password />
      <Tokens />
    </div>
  );
}

function Look() {
  const { t } = useTexts();
  const app = useApp();
  const perform = usePerform();
  const { theme, density, confirmDial, openWindow, twoMinutes } = useSettings();
  const save = (change: Partial<Values>) => void perform(changeSettings, change);
  const own = useMe()?.locale ?? "";
  const setLocale = async (next: string) => adoptMe(app, await app.api.me.change({ locale: next as Locale | "" }));
  return (
    <Section title={t("settings.look")}>
      <Field label={t("settings.language")}>
        <SegmentedControl aria-label={t("settings.language")} value={own} onChange={(value) => void setLocale(value)} data={[...LOCALES.map((each) => ({ value: each.locale, label: each.name })), { value: "", label: t("settings.languageBrowser") }]} />
      </Field>
      <Field label={t("settings.theme")}>
        <SegmentedControl
          aria-label={t("settings.theme")} value={theme} onChange={(value) => save({ theme: value as Values["theme"] })}
          data={(["light", "dark", "auto"] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
        />
      </Field>
      <Field label={t("settings.density")}>
        <SegmentedControl
          aria-label={t("settings.density")} value={density} onChange={(value) => save({ density: value as Values["density"] })}
          data={(["tiles", "rows", "dense"] as const).map((value) => ({ value, label: t(`density.${value}`) }))}
        />
      </Field>
      <Switch label={t("settings.openWindow")} checked={openWindow} onChange={(event) => save({ openWindow: event.currentTarget.checked })} />
      <Switch label={t("settings.twoMinutes")} checked={twoMinutes} onChange={(event) => save({ twoMinutes: event.currentTarget.checked })} />
      <Switch label={t("settings.confirmDial")} checked={confirmDial} onChange={(event) => save({ confirmDial: event.currentTarget.checked })} />
    </Section>
  );
}

export function Field({ label, children }: { label: string; children: ReactNode }) {
  return <div className="settings-field"><span>{label}</span><div>{children}</div></div>;
}

function Ringing() {
  const { t } = useTexts();
  const perform = usePerform();
  const { ring, volume, notifications } = useSettings();
  const supported = typeof Notification !== "undefined";
  const [permission, setPermission] = useState(supported ? Notification.permission : "denied");
  const [registered, setRegistered] = useState(false);
  const save = (change: Partial<Values>) => void perform(changeSettings, change);
  const toggle = async (on: boolean) => {
    save({ notifications: on });
    if (on && supported && Notification.permission === "default") setPermission(await Notification.requestPermission());
  };
  const register = () => {
    try {
      navigator.registerProtocolHandler("tel", `${window.location.origin}/?dial=%s`);
      setRegistered(true);
    } catch {
      setRegistered(false);
    }
  };
  return (
    <Section title={t("settings.ringing")}>
      <Field label={t("settings.ring")}>
        <span className="row wrap">
          <SegmentedControl
            aria-label={t("settings.ring")} value={ring}
            onChange={(value) => {
              save({ ring: value as Values["ring"] });
              ringer.sample(value as Values["ring"], volume);
            }}
            data={(["bell", "chime", "pulse", "silent"] as const).map((value) => ({ value, label: t(`ring.${value}`) }))}
          />
          <Button variant="default" disabled={ring === "silent"} onClick={() => ringer.sample(ring, volume)}>{t("settings.listen")}</Button>
        </span>
      </Field>
      <Field label={t("settings.volume")}>
        <Slider
          thumbLabel={t("settings.volume")} disabled={ring === "silent"} min={0} max={100} step={5} defaultValue={Math.round(volume * 100)} label={(value) => `${value} %`}
          onChangeEnd={(value) => {
            save({ volume: value / 100 });
            ringer.sample(ring, value / 100);
          }}
        />
      </Field>
      <Switch label={t("settings.notifications")} checked={notifications} onChange={(event) => void toggle(event.currentTarget.checked)} />
      {notifications && permission === "denied" && <Notice tone="warning">{t("settings.notificationsBlocked")}</Notice>}
      {notifications && permission === "default" && supported && (
        <Button variant="default" onClick={() => void toggle(true)} style={{ alignSelf: "flex-start" }}>{t("settings.allowNotifications")}</Button>
      )}
      {"registerProtocolHandler" in navigator && (
        <div className="row wrap">
          <Button variant="default" onClick={register}>{t("settings.telLinks")}</Button>
          <span className="muted grow" style={{ minWidth: 200 }}>{t(registered ? "settings.telLinksAsked" : "settings.telLinksText")}</span>
        </div>
      )}
    </Section>
  );
}

function Lines() {
  const { t } = useTexts();
  const lines = useSelect((state) => ownLines(state.replica.state), sameList);
  return (
    <Section title={t("settings.lines")} text={t("settings.linesText")}>
      {lines.length === 0 && <p className="muted">{t("settings.noLines")}</p>}
      {lines.map((line) => <OwnLine key={line.id} line={line} />)}
    </Section>
  );
}
