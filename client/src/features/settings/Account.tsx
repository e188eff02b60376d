/** Password and API tokens. */
import { asProblem, type Problem } from "@core/api/problem";
import type { NewToken, Scope } from "@core/api/types";
import { scopesOf } from "@core/levels";
import { useApp, useLoad, useMe, useTexts } from "@ui/hooks";
import { IconButton, Notice, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { Section } from "./Section";

export function Password() {
  const app = useApp();
  const { t } = useTexts();
  const [outcome, setOutcome] = useState<Problem | "changed" | "different" | null>(null);
  const submit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    if (data.get("fresh") !== data.get("again")) return setOutcome("different");
    try {
      await app.api.me.password(String(data.get("old")), String(data.get("fresh")));
      form.reset();
      setOutcome("changed");
    } catch (error) {
      setOutcome(asProblem(error));
    }
  };
  const eye = { "aria-label": t("signin.showPassword") };
  return (
    <Section title={t("settings.password")}>
      <form className="stack" style={{ gap: 12 }} onSubmit={(event) => void submit(event)}>
        <PasswordInput name="old" label={t("password.old")} autoComplete="current-password" required withAsterisk={false} visibilityToggleButtonProps={eye} />
        <PasswordInput name="fresh" label={t("password.new")} autoComplete="new-password" minLength={10} required withAsterisk={false} description={t("password.rule")} visibilityToggleButtonProps={eye} />
        <PasswordInput name="again" label={t("password.again")} autoComplete="new-password" required withAsterisk={false} visibilityToggleButtonProps={eye} error={outcome === "different" ? t("password.different") : null} />
        {outcome === "changed" && <Notice tone="good">{t("password.changed")}</Notice>}
        {outcome !== null && typeof outcome === "object" && <ProblemNotice problem={outcome} />}
        <Button type="submit" variant="default" style={{ alignSelf: "flex-start" }}>{t("password.change")}</Button>
      </form>
    </Section>
  );
}

export function Tokens() {
  const app = useApp();
  const { t, format, word } = useTexts();
  const { value, problem, reload } = useLoad(() => app.api.me.tokens(), "tokens");
  const [fresh, setFresh] = useState<NewToken | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  const scopes = scopesOf(useMe()?.admin ?? false);
  const create = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    try {
      setFresh(await app.api.me.newToken({ name: String(data.get("name")).trim(), scopes: [data.get("scope") as Scope], days: Number(data.get("days")) || null }));
      setRefused(null);
      form.reset();
      reload();
    } catch (error) {
      setFresh(null);
      setRefused(asProblem(error));
    }
  };
  return (
    <Section title={t("settings.tokens")} text={t("tokens.text")}>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {!value && !problem && <SkeletonRows rows={2} height={32} />}
      {value?.items.length === 0 && <p className="muted">{t("tokens.none")}</p>}
      {fresh && (
        <Notice tone="good" action={<IconButton icon="copy" label={t("action.copy")} onClick={() => void navigator.clipboard?.writeText(fresh.secret)} />}>
          {t("tokens.once")} <code style={{ overflowWrap: "anywhere" }}>{fresh.secret}</code>
        </Notice>
      )}
      <ul className="plain-list">
        {value?.items.map((token) => (
          <li key={token.id} className="row">
            <span className="grow clip">{token.name} <span className="muted">{token.scopes.map((scope) => word("scope", scope)).join(", ")}</span></span>
            <span className="muted">{token.expires ? t("tokens.expires", { when: format.day(token.expires, app.now()) }) : t("tokens.forever")}</span>
            <IconButton icon="trash" label={t("tokens.delete", { name: token.name })} onClick={() => void app.api.me.deleteToken(token.id).then(reload)} />
          </li>
        ))}
      </ul>
      <form className="row wrap" style={{ alignItems: "flex-end" }} onSubmit={(event) => void create(event)}>
        <TextInput className="grow" name="name" label={t("tokens.name")} required withAsterisk={false} maxLength={80} />
        <label className="labelled">{t("tokens.scope")}
          <select className="select" name="scope" defaultValue="read">{scopes.map((scope) => <option key={scope} value={scope}>{word("scope", scope)}</option>)}</select>
        </label>
        <label className="labelled">{t("tokens.days")}
          <select className="select" name="days" defaultValue="90">{[30, 90, 365].map((days) => <option key={days} value={days}>{t("tokens.daysCount", { count: days })}</option>)}</select>
        </label>
        <Button type="submit" variant="default">{t("tokens.create")}</Button>
      </form>
      {refused && <ProblemNotice problem={refused} />}
    </Section>
  );
}
