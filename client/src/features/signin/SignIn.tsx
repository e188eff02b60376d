/** The first page: who are you. */
import { asProblem, type Problem } from "@core/api/problem";
import { LOCALES } from "@core/i18n/translate";
import type { Locale } from "@core/api/types";
import { useApp, useProblemText, useTexts } from "@ui/hooks";
import { Notice } from "@ui/parts";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import "./signin.css";

export function Brand({ size = 28 }: { size?: number }) {
  return <img src="/favicon.svg" width={size} height={size} alt="" />;
}

export function SignIn({ onLocale }: { onLocale: (locale: Locale) => void }) {
  const app = useApp();
  const { t, locale } = useTexts();
  const problemText = useProblemText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const submit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await app.signIn(String(data.get("login")).trim(), String(data.get("password")));
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
      form.current?.querySelector<HTMLInputElement>("input[name=password]")?.select();
    }
  };
  return (
    <main className="signin">
      <form ref={form} className="card signin-card" onSubmit={(event) => void submit(event)}>
        <div className="row" style={{ gap: 12, marginBottom: 4 }}>
          <Brand size={36} />
          <div>
            <h1>Unisono</h1>
            <p className="muted">{t("signin.lead")}</p>
          </div>
        </div>
        {problem && <Notice tone="error">{problemText(problem)}</Notice>}
        <TextInput name="login" label={t("signin.login")} required withAsterisk={false} autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus />
        <PasswordInput
          name="password" label={t("signin.password")} required withAsterisk={false} autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t("signin.showPassword") }}
        />
        <Button type="submit" loading={busy} fullWidth size="md" mt={4}>{t("signin.submit")}</Button>
        <div className="row signin-languages" role="group" aria-label={t("settings.language")}>
          {LOCALES.map((entry) => (
            <button key={entry.locale} type="button" className="tool" lang={entry.locale} aria-pressed={entry.locale === locale} onClick={() => onLocale(entry.locale)}>
              {entry.name}
            </button>
          ))}
        </div>
      </form>
    </main>
  );
}
