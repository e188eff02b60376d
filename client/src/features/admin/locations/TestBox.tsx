/** The test box: a number typed here goes through the unsaved rules, and every stage lights up. */
import type { AdminLocation, Direction, Explanation, Origin, Role } from "@core/api/types";
import type { Key } from "@core/i18n/translate";
import { asProblem, type Problem } from "@core/api/problem";
import { useApp, useTexts } from "@ui/hooks";
import { ProblemNotice } from "@ui/parts";
import { SegmentedControl, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

const DELAY_MS = 150;
/** What the PBX may report a number as; each has its own digits to take off. */
const ROLES = ["caller", "called", "connected", "redirecting", "forwarding", "line"] as const;

export function TestBox({ location, onExplained }: { location: AdminLocation; onExplained: (explanation: Explanation | null, problem: Problem | null) => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [number, setNumber] = useState("");
  const [direction, setDirection] = useState<Direction>("in");
  const [origin, setOrigin] = useState<Origin>("person");
  const [role, setRole] = useState<Role>("caller");
  const [answer, setAnswer] = useState<Explanation | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = JSON.stringify({ location, number, direction, origin, role });
  useEffect(() => {
    if (!number.trim()) {
      setAnswer(null);
      setProblem(null);
      onExplained(null, null);
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const { id: _id, ...unsaved } = location;
      const more = direction === "out" ? { origin } : direction === "in" ? { role } : {};
      app.api.admin.explain({ location: { ...unsaved, id: location.id } as AdminLocation, number, direction, ...more }, abort.signal).then(
        (explanation) => {
          setAnswer(explanation);
          setProblem(null);
          onExplained(explanation, null);
        },
        (error: unknown) => {
          if (abort.signal.aborted) return;
          setProblem(asProblem(error));
          onExplained(null, asProblem(error));
        },
      );
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
    // `asked` stands for everything that is sent.
  }, [asked]);
  return (
    <section className="card pad location-test" aria-label={t("location.test")}>
      <h2>{t("location.test")}</h2>
      <SegmentedControl
        fullWidth aria-label={t("location.direction")} value={direction} onChange={(value) => setDirection(value as Direction)}
        data={(["in", "out", "stored"] as const).map((value) => ({ value, label: t(`location.direction.${value}`) }))}
      />
      {direction === "in" && (
        <label className="row">{t("location.role")}
          <select className="select grow" value={role} onChange={(event) => setRole(event.target.value as Role)}>{ROLES.map((each) => <option key={each} value={each}>{t(`location.role.${each}`)}</option>)}</select>
        </label>
      )}
      {direction === "out" && (
        <label className="row">{t("location.origin")}
          <select className="select grow" value={origin} onChange={(event) => setOrigin(event.target.value as Origin)}>
            <option value="person">{t("location.origin.person")}</option><option value="pbx">{t("location.origin.pbx")}</option>
          </select>
        </label>
      )}
      <TextInput aria-label={t("location.testNumber")} placeholder={t("location.testNumber")} value={number} onChange={(event) => setNumber(event.currentTarget.value)} spellCheck={false} />
      {problem && <ProblemNotice problem={problem} />}
      <div aria-live="polite">{answer ? <Answer answer={answer} /> : !problem && <p className="muted">{t("location.testText")}</p>}</div>
    </section>
  );
}

function Answer({ answer }: { answer: Explanation }) {
  const { t, word, has } = useTexts();
  const note = (code: string, english: string) => {
    const known = [`location.note.${code}`, `location.problem.${code}`, `location.kind.${code}`, `error.${code}`].find(has);
    return known ? t(known as Key) : english;
  };
  return (
    <div className="stack" style={{ gap: 12 }}>
      {answer.problem && <p className="notice error">{note(answer.problem_code, answer.problem)}</p>}
      <dl className="facts result">
        <dt>{t("location.result")}</dt><dd><code>{answer.canonical || answer.result || "–"}</code> <span className="tag accent">{word("location.kind", answer.kind)}</span></dd>
        <dt>{t("location.dialled")}</dt><dd><code>{answer.dialled || "–"}</code></dd>
      </dl>
      <ol className="stages">
        {answer.stages.map((stage, index) => (
          <li key={`${index}:${stage.name}`} data-hit={stage.hit || undefined}>
            <strong>{word("location.stage", stage.name)}</strong>
            {stage.before !== stage.after ? <div><code>{stage.before || "∅"}</code> → <code>{stage.after || "∅"}</code></div> : <div><code>{stage.after || "∅"}</code></div>}
            {stage.rule && <div>{t("location.byRule")} <code>{stage.rule}</code></div>}
            {stage.note && <div className="muted">{note(stage.note_code, stage.note)}</div>}
          </li>
        ))}
      </ol>
      <details>
        <summary>{t("location.formats")}</summary>
        <dl className="facts" style={{ marginTop: 8 }}>
          {Object.entries(answer.formats).map(([key, text]) => <div key={key} style={{ display: "contents" }}><dt>{word("location.format", key)}</dt><dd><code>{text}</code></dd></div>)}
        </dl>
      </details>
    </div>
  );
}
