/** Asks once whether the browser may tell of calls: after the first call of a person, never at load and never while it rings. */
import { ownCalls } from "@core/replica/selectors";
import { useSelect, useSettings, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { useEffect, useState } from "react";

const KEY = "unisono.notify-offer";

function undecided(): boolean {
  return typeof Notification !== "undefined" && Notification.permission === "default" && localStorage.getItem(KEY) === null;
}

export function NotifyOffer() {
  const { t } = useTexts();
  const { notifications } = useSettings();
  const calling = useSelect((state) => ownCalls(state.replica.state).length > 0);
  const [called, setCalled] = useState(false);
  const [open, setOpen] = useState(undecided);
  useEffect(() => {
    if (calling) setCalled(true);
  }, [calling]);
  if (!open || !notifications || !called || calling) return null;
  const decide = async (yes: boolean) => {
    localStorage.setItem(KEY, yes ? "asked" : "later");
    setOpen(false);
    if (yes) await Notification.requestPermission();
  };
  return (
    <div className="offer" role="region" aria-label={t("settings.allowNotifications")} data-testid="notify-offer">
      <Icon name="bell" size={16} />
      <span>{t("notify.offer")}</span>
      <button type="button" className="chip" onClick={() => void decide(true)}>{t("settings.allowNotifications")}</button>
      <button type="button" className="tool" onClick={() => void decide(false)}>{t("notify.later")}</button>
    </div>
  );
}
