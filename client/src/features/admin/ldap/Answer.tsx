/** How a query was read, translated, planned and answered: step by step. */
import type { LdapAnswer, LdapStep } from "@core/api/types";
import { useTexts } from "@ui/hooks";
import { CopyButton } from "@ui/CopyButton";

const TONES = { index: "green", texts: "amber", each: "red", none: "" } as const;

export function Answer({ answer, sent, bookName }: { answer: LdapAnswer; sent: string; bookName: (id: string) => string }) {
  const { t, word, has, format } = useTexts();
  const good = answer.code === "SUCCESS" || answer.code === "SIZE_LIMIT_EXCEEDED";
  const translated = answer.translated !== answer.read_as;
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t("ldap.answer")} data-testid="ldap-answer">
      <h2>{t("ldap.answer")}</h2>
      <p className="row wrap" role="status">
        <span className={`tag ${good ? "green" : "red"}`}>{word("ldap.code", answer.code)}</span>
        <strong>{t("ldap.hits", { count: answer.hits })}</strong>
        <span className="muted num">{t("ldap.took", { time: format.number(answer.milliseconds), size: format.number(answer.size) })}</span>
      </p>
      {answer.message && !has(`ldap.code.${answer.code}`) && <p className="muted">{answer.message}</p>}
      <ol className="stages">
        <li data-hit>
          <strong>{t("ldap.step.read")}</strong> {answer.mended && <span className="tag amber">{t("ldap.mended")}</span>}
          <div><code>{answer.read_as}</code></div>
          {answer.mended && <div className="muted">{t("ldap.mendedText")} <code>{sent}</code></div>}
        </li>
        <li data-hit={translated || undefined}>
          <strong>{t("ldap.step.translated")}</strong>
          {translated ? <div><code>{answer.translated}</code></div> : <div>{t("ldap.asRead")}</div>}
        </li>
        <li data-hit={answer.books.length > 0 || undefined}>
          <strong>{t("ldap.step.books")}</strong>
          <div>{format.list(answer.books.map(bookName)) || t("ldap.noBooks")}</div>
          {answer.later.length > 0 && <div>{t("ldap.later", { books: format.list(answer.later.map(bookName)) })}</div>}
        </li>
        {answer.steps.length > 0 && (
          <li data-hit>
            <strong>{t("ldap.step.plan")}</strong>
            <div className="muted">{t("ldap.planText")}</div>
            <ul className="plan">{answer.steps.map((step, index) => <Planned key={index} step={step} />)}</ul>
          </li>
        )}
      </ol>
      {answer.ldif && (
        <>
          <div className="row"><h3 className="grow">LDIF</h3><CopyButton text={answer.ldif} label="LDIF" /></div>
          <pre className="answer-text" tabIndex={0} aria-label="LDIF">{answer.ldif}</pre>
        </>
      )}
    </section>
  );
}

function Planned({ step }: { step: LdapStep }) {
  const { t, word } = useTexts();
  const not = step.kind.startsWith("not-");
  const words = word("ldap.plan", not ? step.kind.slice(4) : step.kind);
  return (
    <li data-chosen={step.chosen || undefined} style={{ "--depth": step.depth } as React.CSSProperties}>
      <span>{not && <strong>{t("ldap.plan.not")} </strong>}{step.attributes.length > 0 && <span className="mono">{step.attributes.length > 5 ? t("ldap.anyNumber") : step.attributes.join(", ")} </span>}{words} {step.value && <code>{step.value}</code>}</span>
      {step.chosen && step.kind !== "all" && step.kind !== "any" && <span className={`tag ${TONES[step.way]}`}>{t(`ldap.way.${step.way}`)}</span>}
      {step.chosen ? <span className="muted num">{t("ldap.candidates", { count: step.candidates })}</span> : <span className="muted">{t("ldap.onlyChecked")}</span>}
    </li>
  );
}
