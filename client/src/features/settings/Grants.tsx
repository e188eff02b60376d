/** How much each colleague may see and do: only levels that give more than the colleague has anyway. */
import { asProblem, type Problem } from "@core/api/problem";
import type { Grant, LevelName, Person } from "@core/api/types";
import { above, LEVELS } from "@core/levels";
import { colleagues, sameList } from "@core/replica/selectors";
import { useApp, useFollowPeople, useLoad, useSelect, useTexts } from "@ui/hooks";
import { ProblemNotice } from "@ui/parts";
import { useState } from "react";
import { Section } from "./Section";

export function Grants() {
  const app = useApp();
  const { t, locale } = useTexts();
  const people = useSelect((state) => colleagues(state.replica.state, locale), sameList);
  const { value, problem, reload } = useLoad(() => app.api.me.grants(), "grants");
  useFollowPeople(reload);
  const [refused, setRefused] = useState<Problem | null>(null);
  const given = new Map(value?.items.map((grant) => [grant.user_id, grant]));
  const change = (user: string, level: string) => {
    app.api.me.grant(user, level === "" ? null : (level as LevelName)).then(reload, (error: unknown) => setRefused(asProblem(error)));
  };
  return (
    <Section title={t("settings.grants")} text={t("grants.text")}>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {refused && <ProblemNotice problem={refused} />}
      <details>
        <summary>{t("grants.levels")}</summary>
        <dl className="facts" style={{ marginTop: 8 }}>
          {LEVELS.map((level) => <div key={level} style={{ display: "contents" }}><dt>{t(`level.${level}`)}</dt><dd>{t(`level.${level}.text`)}</dd></div>)}
        </dl>
      </details>
      <ul className="plain-list grants">
        {people.map((person) => {
          const grant = given.get(person.id);
          return grant && <GrantRow key={person.id} person={person} grant={grant} onChange={(level) => change(person.id, level)} />;
        })}
      </ul>
    </Section>
  );
}

function GrantRow({ person, grant, onChange }: { person: Person; grant: Grant; onChange: (level: string) => void }) {
  const { t } = useTexts();
  const { level, shared } = grant;
  const name = (each: LevelName) => t(`level.${each}`);
  return (
    <li className="row">
      <span className="grow clip">{person.name} <span className="muted">{person.department}</span></span>
      <select className="select" style={{ maxWidth: "60%" }} aria-label={t("grants.for", { name: person.name })} value={level ?? ""} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t("grants.shared", { level: name(shared) })}</option>
        {level && !above(level, shared) && <option value={level}>{t("grants.idle", { level: name(level) })}</option>}
        {LEVELS.filter((each) => above(each, shared)).map((each) => <option key={each} value={each}>{name(each)}</option>)}
      </select>
    </li>
  );
}
