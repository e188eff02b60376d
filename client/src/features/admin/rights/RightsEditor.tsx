/** The levels of one place: chosen with their words, their picture beside them, and what a save would mean for people. */
import { asProblem, type Problem } from "@core/api/problem";
import type { Effect, LevelName, Levels, Rights } from "@core/api/types";
import { same } from "@core/diff";
import { above, LEVELS } from "@core/levels";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { FormProblem, Notice } from "@ui/parts";
import { Button, Switch } from "@mantine/core";
import { useId, useState } from "react";
import { Matrix } from "./Matrix";
import { changeOf, idle, type Place, type Setting, settingOf } from "./places";

interface EditorProps {
  rights: Rights;
  place: Place;
  name: string;
  onSave: (setting: Setting, words: string[]) => Promise<void>;
}

export function RightsEditor({ rights, place, name, onSave }: EditorProps) {
  const app = useApp();
  const { t } = useTexts();
  const before = settingOf(rights, place);
  const [setting, setSetting] = useState<Setting>(before);
  const [from, setFrom] = useState<Setting>(before);
  if (!same(from, before)) {
    // Somebody else has changed it: who has not begun to choose sees that, who has keeps their choice.
    if (same(setting, from)) setSetting(before);
    setFrom(before);
  }
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const changed = !same(before, setting);
  const shown: Levels | null = typeof setting === "string" ? null : (setting ?? rights.group_default);
  const { value: effects } = useLoad(
    (signal) => (changed ? app.api.admin.rights.effects(changeOf(place, setting), signal) : Promise.resolve({ items: [], next: null })),
    JSON.stringify(setting),
  );
  const words = useEffectWords(rights);
  const save = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onSave(setting, (effects?.items ?? []).map(words));
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <form className="stack" style={{ gap: 16 }} onSubmit={(event) => void save(event)}>
      <p className="muted">{t(`rights.${place.kind}Text`)}</p>
      {place.kind === "group" && (
        <Switch label={t("rights.asAllGroups")} description={t("rights.asAllGroupsText", { members: t(`level.${rights.group_default.members}`), leaders: t(`level.${rights.group_default.leaders}`) })} checked={setting === null} onChange={(event) => setSetting(event.currentTarget.checked ? null : (before ?? rights.group_default))} />
      )}
      {typeof setting === "string" && <LevelChoice title={t("rights.everyone")} value={setting} onChange={setSetting} />}
      {shown && setting !== null && (
        <>
          <LevelChoice title={t("rights.members")} value={shown.members} everyone={rights.everyone} onChange={(members) => setSetting({ ...shown, members })} />
          <LevelChoice
            title={t("rights.leaders")} value={shown.leaders} everyone={rights.everyone} onChange={(leaders) => setSetting({ ...shown, leaders })}
            hint={above(shown.members, shown.leaders) ? t("rights.leadersLess", { level: t(`level.${shown.members}`) }) : ""}
          />
        </>
      )}
      <Matrix label={`${t("grants.levels")}: ${name}`} levels={rights.levels} marked={typeof setting === "string" ? [setting] : shown ? [shown.members, shown.leaders] : []} />
      <div className="drawer-foot stack">
        {changed && effects && (
          <section className="notice" aria-label={t("diff.title")}>
            <ul className="diff">
              {effects.items.map((effect) => <li key={`${effect.level}:${effect.gained}`}><strong>{words(effect)}</strong></li>)}
              {effects.items.length === 0 && <li>{t("rights.nothingChanges")}</li>}
            </ul>
          </section>
        )}
        {problem && <FormProblem problem={problem} />}
        <div className="row"><span className="grow" /><Button type="submit" loading={busy} disabled={!changed}>{t("action.save")}</Button></div>
        {app.state.link !== "live" && <Notice tone="warning">{t("why.offline")}</Notice>}
      </div>
    </form>
  );
}

interface ChoiceProps {
  title: string;
  value: LevelName;
  /** What everybody has anyway: levels up to it give nothing. */
  everyone?: LevelName;
  hint?: string;
  onChange: (level: LevelName) => void;
}

function LevelChoice({ title, value, everyone, hint, onChange }: ChoiceProps) {
  const { t } = useTexts();
  const name = useId();
  return (
    <fieldset className="levels">
      <legend>{title}</legend>
      {LEVELS.map((level) => (
        <label key={level} className="level">
          <input type="radio" name={name} value={level} checked={value === level} onChange={() => onChange(level)} />
          <span><strong>{t(`level.${level}`)}</strong> <span className="muted">{t(`rights.level.${level}`)} {everyone && !above(level, everyone) && t("rights.hasAlready")}</span></span>
        </label>
      ))}
      {hint && <p className="muted">{hint}</p>}
    </fieldset>
  );
}

/** "12 people no longer see the calls of Sales." */
function useEffectWords(rights: Rights): (effect: Effect) => string {
  const { t } = useTexts();
  return (effect) => {
    const group = rights.groups.find((each) => each.id === effect.group_id);
    const whom = group?.name ?? t("rights.colleagues", { count: effect.owners });
    return t(`rights.${effect.gained ? "gain" : "lose"}.${effect.level as Exclude<LevelName, "blocked">}`, { count: effect.viewers, whom });
  };
}

/** The levels of a place as the list shows them. */
export function LevelTag({ rights, level, counts }: { rights: Rights; level: LevelName; counts: boolean }) {
  const { t } = useTexts();
  const nothing = counts && idle(rights, level);
  return <span className="row wrap" style={{ gap: 4 }}><span className={nothing ? "tag" : "tag accent"}>{t(`level.${level}`)}</span>{nothing && <span className="muted">{t("rights.noEffect", { level: t(`level.${rights.everyone}`) })}</span>}</span>;
}
