/** What a run may do without asking, its limits, and what else is called: programs, addresses, and who may start it from outside. */
import { asProblem, type Problem } from "@core/api/problem";
import type { Hook, Options, SourceView } from "@core/api/types";
import { useApp, useTexts } from "@ui/hooks";
import { IconButton, Notice, ProblemNotice } from "@ui/parts";
import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { useState } from "react";

const NO_HOOK: Hook = { program: [], url: "" };

interface SafetyProps {
  source: SourceView | null;
  options: Options;
  onChange: (options: Options) => void;
  onHook: () => void;
}

export function Safety({ source, options, onChange, onHook }: SafetyProps) {
  const { t, format } = useTexts();
  const number = (key: "most_removed" | "most_rows" | "most_seconds", min: number, max: number, suffix = "") => (
    <NumberInput label={t(`source.${key}`)} description={t(`source.${key}.help`)} value={options[key]} min={min} max={max} suffix={suffix} {...format.separators} hideControls onChange={(value) => value !== "" && onChange({ ...options, [key]: Number(value) })} />
  );
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("source.part.safety")}>
      <h2>{t("source.part.safety")}</h2>
      <div style={{ maxWidth: 320 }}>{number("most_removed", 0, 100, " %")}</div>
      <details>
        <summary>{t("source.limits")}</summary>
        <div className="two bottoms" style={{ marginTop: 12 }}>{number("most_rows", 1, 5_000_000)}{number("most_seconds", 10, 86_400)}</div>
      </details>
      <details>
        <summary>{t("source.hooks")}</summary>
        <div className="stack" style={{ gap: 12, marginTop: 12 }}>
          <p className="muted">{t("source.hooksText")}</p>
          <HookSetting label={t("source.before")} hook={options.before ?? NO_HOOK} onChange={(before) => onChange({ ...options, before })} />
          <HookSetting label={t("source.after")} hook={options.after ?? NO_HOOK} onChange={(after) => onChange({ ...options, after })} />
          {source && <Webhook source={source} onChanged={onHook} />}
        </div>
      </details>
    </section>
  );
}

/** Words of a command line; what stands in quotes is one. */
const wordsOf = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
const lineOf = (words: readonly string[]): string => words.map((word) => (/\s|^$/.test(word) ? `"${word}"` : word)).join(" ");

function HookSetting({ label, hook, onChange }: { label: string; hook: Hook; onChange: (hook: Hook) => void }) {
  const { t } = useTexts();
  const program = (hook.program ?? []).map(String);
  const [how, setHow] = useState(hook.url ? "url" : program.length > 0 ? "program" : "");
  const [line, setLine] = useState(lineOf(program));
  return (
    <div className="row wrap" style={{ alignItems: "flex-end" }}>
      <Select label={label} data={[{ value: "", label: t("hook.none") }, { value: "program", label: t("hook.program") }, { value: "url", label: t("hook.url") }]} value={how} allowDeselect={false} onChange={(next) => { setHow(next ?? ""); onChange(NO_HOOK); setLine(""); }} />
      {how === "program" && <TextInput className="grow" label={t("hook.line")} description={t("hook.lineHelp")} value={line} spellCheck={false} onChange={(event) => { setLine(event.currentTarget.value); onChange({ program: wordsOf(event.currentTarget.value), url: "" }); }} />}
      {how === "url" && <TextInput className="grow" label={t("hook.address")} placeholder="https://" value={hook.url ?? ""} spellCheck={false} onChange={(event) => onChange({ program: [], url: event.currentTarget.value })} />}
    </div>
  );
}

function Webhook({ source, onChanged }: { source: SourceView; onChanged: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [secret, setSecret] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const attempt = (run: () => Promise<unknown>) => run().then(() => { setProblem(null); onChanged(); }, (error: unknown) => setProblem(asProblem(error)));
  return (
    <div className="stack">
      <h3>{t("webhook.title")}</h3>
      <p className="muted">{t(source.webhook ? "webhook.on" : "webhook.off", { id: source.id })}</p>
      {secret && <Notice tone="good" action={<IconButton icon="copy" label={t("action.copy")} onClick={() => void navigator.clipboard?.writeText(secret)} />}>{t("webhook.secret")} <code className="mono">{secret}</code></Notice>}
      {problem && <ProblemNotice problem={problem} />}
      <div className="row wrap">
        <Button variant="default" onClick={() => void attempt(async () => setSecret((await app.api.admin.sources.renewHook(source.id)).secret))}>{t(source.webhook ? "webhook.renew" : "webhook.make")}</Button>
        {source.webhook && <Button variant="default" onClick={() => void attempt(async () => { await app.api.admin.sources.removeHook(source.id); setSecret(""); })}>{t("webhook.forget")}</Button>}
      </div>
    </div>
  );
}
