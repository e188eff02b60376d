/** Is everything all right, and if not, what is to be done? */
import type { Link } from "@core/api/types";
import { useApp, useLoad, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Notice, ProblemNotice, SkeletonRows } from "@ui/parts";
import { useEffect, useRef } from "react";
import { LinkFault, NextTry, pageOf, useCheckWords } from "./faults";
import { PHASE_TONES } from "./phases";

export function StatusPage() {
  const app = useApp();
  const { t, format, word } = useTexts();
  const { value, problem, reload } = useLoad(() => app.api.admin.status(), "status");
  const links = useSelect((state) => state.replica.state.links);
  const words = useCheckWords();
  const linkOf = (id: string) => links[id.replace(/^connector:/, "")];
  const phases = Object.values(links).map((link) => link.phase).join(",");
  const before = useRef(phases);
  useEffect(() => {
    // A link that came or went changes what the server finds.
    if (before.current !== phases) reload();
    before.current = phases;
  }, [phases, reload]);
  const bad = [...(value?.checks.filter((check) => check.level !== "ok") ?? [])].sort((a) => (a.level === "error" ? -1 : 1));
  return (
    <>
      <header className="row wrap page-head">
        <h1 className="grow">{t("admin.nav.status")}</h1>
        {value && <span className="muted">{t("status.version", { version: value.version, since: format.moment(value.started, app.now()) })}</span>}
        <button type="button" className="chip" onClick={reload}><Icon name="refresh" size={16} />{t("status.again")}</button>
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {!value && !problem && <SkeletonRows rows={4} />}
      {value && (
        <div className="stack" style={{ gap: 16 }}>
          <FirstSteps counts={value.counts} />
          {bad.length === 0 && <Notice tone="good">{t("status.allRight")}</Notice>}
          {bad.map((check) => (
            <Notice
              key={check.id} tone={check.level === "error" ? "error" : "warning"}
              action={pageOf(check) && <button type="button" className="tool" onClick={() => app.go(pageOf(check))}>{t("status.open")}</button>}
            >
              <strong>{words(check).title}</strong>{": "}
              {linkOf(check.id)?.code ? <LinkFault link={linkOf(check.id) as Link} /> : <>{linkOf(check.id) ? word("phase", linkOf(check.id)?.phase ?? "") : words(check).message} {words(check).remedy && <div>{t("status.remedy")} {words(check).remedy}</div>}</>}
            </Notice>
          ))}
          <div className="figures">
            {Object.entries(value.counts).map(([key, count]) => (
              <div key={key} className="card figure">
                <span className="figure-number num">{format.number(count)}</span>
                {key === "anomalies" && count > 0 ? <a href="/admin/anomalies" onClick={(event) => { event.preventDefault(); app.go("/admin/anomalies"); }}>{word("status.count", key, { count })}</a> : <span className="muted">{word("status.count", key, { count })}</span>}
              </div>
            ))}
          </div>
          <section className="card pad stack">
            <h2>{t("admin.nav.connectors")}</h2>
            {Object.keys(links).length === 0 && <p className="muted">{t("status.noLinks")}</p>}
            {Object.values(links).map((link) => <LinkLine key={link.id} link={link} />)}
          </section>
          <section className="card pad stack">
            <h2>{t("status.checks")}</h2>
            <ul className="plain-list">
              {value.checks.map((check) => (
                <li key={check.id} className="row">
                  <span className={`tag ${check.level === "ok" ? "green" : check.level === "error" ? "red" : "amber"}`}>{t(`status.level.${check.level}`)}</span>
                  <span className="grow">{words(check).title} <span className="muted">{linkOf(check.id) ? word("phase", linkOf(check.id)?.phase ?? "") : words(check).message}</span></span>
                </li>
              ))}
            </ul>
          </section>
        </div>
      )}
    </>
  );
}

export function LinkLine({ link }: { link: Link }) {
  const { t, word } = useTexts();
  return (
    <div className="row wrap">
      <span className={`tag ${PHASE_TONES[link.phase]}`}>{word("phase", link.phase)}</span>
      <strong>{link.name}</strong>
      <span className="muted grow">{[link.peer, link.version, link.lines ? t("connector.lines", { count: link.lines }) : ""].filter(Boolean).join(" · ")}</span>
      <span className="stack" style={{ flexBasis: "100%", gap: 4 }}><LinkFault link={link} /><NextTry link={link} /></span>
    </div>
  );
}

const STEPS = [
  { count: "locations", path: "/admin/locations" },
  { count: "connectors", path: "/admin/connectors" },
  { count: "people", path: "/admin/people" },
  { count: "lines", path: "/admin/lines" },
  { count: "contacts", path: "/admin/sources" },
] as const;

/** What a fresh server still needs, in the order in which it makes sense. */
function FirstSteps({ counts }: { counts: Record<string, number> }) {
  const app = useApp();
  const { t } = useTexts();
  // Who looks at this is a person already.
  const open = STEPS.filter(({ count }) => (counts[count] ?? 0) <= (count === "people" ? 1 : 0));
  if (open.length === 0) return null;
  return (
    <section className="card pad stack">
      <h2>{t("status.firstSteps")}</h2>
      {open.map(({ count, path }) => (
        <button key={count} type="button" className="chip" style={{ alignSelf: "flex-start" }} onClick={() => app.go(path)}><Icon name="arrow" size={16} />{t(`status.step.${count}`)}</button>
      ))}
    </section>
  );
}
