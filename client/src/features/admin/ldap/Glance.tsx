/** The door at a glance: does it answer, where, to whom not; and what to type into a telephone. */
import { doorIs } from "@core/admin/ldap";
import type { LdapState } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { CopyButton } from "@ui/CopyButton";
import { Notice, ProblemNotice, SkeletonRows } from "@ui/parts";
import { useEffect } from "react";
import { PhoneValues } from "./PhoneValues";
import { Setting } from "./Setting";

const AGAIN_MS = 5000;
const SOON_DAYS = 30;

export function Glance() {
  const app = useApp();
  const { t } = useTexts();
  const { value, problem, reload } = useLoad(() => app.api.ldap.state(), "ldap-state");
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.ldap")}</h1><p className="muted">{t("ldap.text")}</p></div>
        {value && <Running state={value} />}
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {!value && !problem && <SkeletonRows rows={6} />}
      {value && (
        <div className="stack" style={{ gap: 16 }}>
          <Warnings state={value} />
          {value.running && <Figures state={value} />}
          <div className="ldap-two">
            <div className="stack" style={{ gap: 16 }}>
              <Doors state={value} />
              <Refusals state={value} />
            </div>
            <PhoneValues state={value} />
          </div>
        </div>
      )}
    </>
  );
}

function Running({ state }: { state: LdapState }) {
  const { t } = useTexts();
  const how = doorIs(state);
  return <span className={`tag ${{ off: "red", silent: "red", local: "amber", on: "green" }[how]}`} role="status">{t(`ldap.running.${how}`)}</span>;
}

/** What is not as it should be, each with what helps. */
function Warnings({ state }: { state: LdapState }) {
  const app = useApp();
  const { t } = useTexts();
  const until = state.certificate ? Date.parse(state.certificate.until) : Infinity;
  const days = Math.floor((until - app.now()) / 86_400_000);
  return (
    <>
      {doorIs(state) === "silent" && <Notice tone="error">{t("ldap.silentText")}</Notice>}
      {!state.running && <Notice tone="error"><p>{t("ldap.offText")}</p><Setting text={'[ldap]\nhost = "0.0.0.0"\nport = 712\ntls_port = 714'} /></Notice>}
      {state.running && state.local_only && <Notice tone="warning"><p>{t("ldap.localText")}</p><Setting text={'[ldap]\nhost = "0.0.0.0"'} /></Notice>}
      {days < SOON_DAYS && <Notice tone={days < 0 ? "error" : "warning"}>{days < 0 ? t("ldap.certificateOver") : t("ldap.certificateSoon", { count: days })}</Notice>}
      {state.unprotected > 0 && <Notice tone="warning">{t("ldap.unprotectedText", { count: state.unprotected, port: String(state.tls_port) })}</Notice>}
      {state.restarts > 0 && <Notice tone="warning">{t("ldap.restartsText", { count: state.restarts })}</Notice>}
    </>
  );
}

function Figures({ state }: { state: LdapState }) {
  const { t, format } = useTexts();
  const shown = [
    ["connections", state.connections], ["searches_per_minute", state.searches_per_minute], ["searches", state.searches],
    ["contacts", Math.max(0, ...state.workers.map((worker) => worker.contacts))], ["binds", state.binds], ["refused_binds", state.refused_binds],
  ] as const;
  return (
    <div className="figures ldap-figures">
      {shown.map(([key, count]) => (
        <div key={key} className="card figure">
          <span className="figure-number num">{format.number(count)}</span>
          <span className="muted">{t(`ldap.figure.${key}`, { count })}</span>
        </div>
      ))}
    </div>
  );
}

function Doors({ state }: { state: LdapState }) {
  const { t, format } = useTexts();
  const host = (address: string) => (address.includes(":") ? `[${address}]` : address);
  const urls = state.addresses.flatMap((address) => [
    ...(state.port ? [`ldap://${host(address)}:${state.port}`] : []), ...(state.tls_port ? [`ldaps://${host(address)}:${state.tls_port}`] : []),
  ]);
  const { certificate } = state;
  return (
    <section className="card pad stack">
      <h2>{t("ldap.doors")}</h2>
      {urls.length === 0 && <p className="muted">{t("ldap.noDoors")}</p>}
      {urls.map((url) => <div key={url} className="row"><code className="mono grow">{url}</code><CopyButton text={url} label={url} /></div>)}
      <dl className="facts">
        {certificate && <><dt>{t("ldap.certificate")}</dt><dd>{[...new Set(certificate.names)].join(", ")} {certificate.self_signed && <span className="tag amber">{t("ldap.selfSigned")}</span>}</dd></>}
        {certificate && <><dt>{t("ldap.until")}</dt><dd>{format.full(certificate.until)}</dd></>}
        {certificate?.self_signed && <><dt /><dd className="muted">{t("ldap.selfSignedText")}</dd></>}
        <dt>{t("ldap.plainPasswords")}</dt><dd>{format.list(state.plain_passwords.split(",").map((each) => each.trim()).filter(Boolean)) || t("ldap.fromNowhere")}</dd>
        {state.workers.length > 0 && <><dt>{t("ldap.workers")}</dt><dd>{state.workers.map((worker) => t(worker.answers ? "ldap.worker" : "ldap.workerHangs", { pid: String(worker.pid), connections: worker.connections })).join("; ")}</dd></>}
      </dl>
    </section>
  );
}

function Refusals({ state }: { state: LdapState }) {
  const app = useApp();
  const { t, format, has } = useTexts();
  const why = (code: string) => {
    const key = `error.${code}`;
    return code === "" ? t("ldap.wrongPassword") : code === "sign-in-locked" ? t("ldap.slowedDown") : has(key) ? t(key) : code;
  };
  return (
    <section className="card pad stack">
      <h2>{t("ldap.refusals")}</h2>
      {state.refusals.length === 0 && <p className="muted">{t("ldap.noRefusals")}</p>}
      {state.refusals.length > 0 && (
        <ul className="refusals" tabIndex={0} aria-label={t("ldap.refusals")}>
          {state.refusals.map((refusal, index) => (
            <li key={`${index}:${refusal.at}`}>
              <span className="muted num">{format.moment(refusal.at, app.now())}</span><strong>{refusal.name || "–"}</strong><span className="mono">{refusal.address}</span><span className="muted">{why(refusal.code)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
