/** Joins theme, texts and session; decides between signing in and the shell. */
import { adoptMe } from "@core/actions/own";
import type { Locale } from "@core/api/types";
import type { Unisono } from "@core/app";
import { pickLocale } from "@core/i18n/translate";
import { useAnnounceCalls, useCallKeys, useDesktopNotifications, useRing, useTitle } from "@features/calls";
import { SignIn } from "@features/signin/SignIn";
import { AppProvider, TextProvider, useApp, useSelect, useSettings } from "@ui/hooks";
import { theme as mantineTheme } from "@ui/theme";
import { MantineProvider, useMantineColorScheme } from "@mantine/core";
import { useEffect, useState } from "react";
import { useIdle } from "./idle";
import { useGlobalKeys } from "./keys";
import { Shell } from "./Shell";

const LOCALE_KEY = "unisono.locale";

export function App({ app, nonce }: { app: Unisono; nonce: string }) {
  return (
    <AppProvider app={app}>
      <MantineProvider theme={mantineTheme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <Localised />
      </MantineProvider>
    </AppProvider>
  );
}

function Localised() {
  const app = useApp();
  const own = useSelect((state) => (state.replica.state.me.me ?? state.session?.user)?.locale);
  const [chosen, setChosen] = useState<Locale | null>(null);
  const remembered = own === undefined ? localStorage.getItem(LOCALE_KEY) : null;
  const locale = pickLocale(own || chosen || remembered, navigator.languages);
  app.http.language = locale;
  useEffect(() => {
    if (!own) return;
    localStorage.setItem(LOCALE_KEY, own);
    setChosen(null);
  }, [own]);
  useEffect(() => {
    // What was chosen on the page before the account was known is that account's choice.
    if (own !== "" || !chosen) return;
    void app.api.me.change({ locale: chosen }).then((me) => adoptMe(app, me), () => undefined).finally(() => setChosen(null));
  }, [app, own, chosen]);
  return (
    <TextProvider locale={locale}>
      <Root onLocale={setChosen} />
    </TextProvider>
  );
}

function Root({ onLocale }: { onLocale: (locale: Locale) => void }) {
  const phase = useSelect((state) => state.phase);
  if (phase === "starting") return null;
  return phase === "signed-in" ? <SignedIn /> : <SignIn onLocale={onLocale} />;
}

function SignedIn() {
  useFollowTheme();
  useRing();
  useDesktopNotifications();
  useTitle();
  useAnnounceCalls();
  useCallKeys();
  useGlobalKeys();
  useIdle();
  return <Shell />;
}

/** The account's choice of light and dark wins over what this browser remembered. */
function useFollowTheme(): void {
  const { theme } = useSettings();
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => setColorScheme(theme), [theme, setColorScheme]);
}
