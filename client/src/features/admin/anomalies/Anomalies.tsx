/** What telephone systems reported although it cannot be: of each link, live, with the bytes, to take away and to clear. */
import { asProblem, type Problem } from "@core/api/problem";
import type { Link } from "@core/api/types";
import { useApp, useLoad, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { EmptyState, Notice, PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Kind } from "./Kind";

export default function Anomalies() {
  const app = useApp();
  const { t } = useTexts();
  const links = useSelect((state) => state.replica.state.links);
  const [said, setSaid] = useState("");
  const odd = Object.values(links).filter((link) => link.anomalies > 0).sort((a, b) => a.name.localeCompare(b.name));
  const none = Object.keys(links).length === 0;
  return (
    <>
      <header className="page-head"><h1>{t("admin.nav.anomalies")}</h1><p className="muted">{t("anomaly.text")}</p></header>
      {said && <Notice tone="good">{said}</Notice>}
      {none && <EmptyState icon="plug" title={t("connector.empty")} action={<PrimaryButton icon="plus" onClick={() => app.go("/admin/connectors")}>{t("connector.add")}</PrimaryButton>}>{t("anomaly.noneText")}</EmptyState>}
      {!none && odd.length === 0 && <EmptyState icon="check" title={t("anomaly.none")}>{t("anomaly.noneText")}</EmptyState>}
      <div className="stack" style={{ gap: 16 }}>{odd.map((link) => <OfLink key={link.id} link={link} onCleared={setSaid} />)}</div>
    </>
  );
}

function OfLink({ link, onCleared }: { link: Link; onCleared: (words: string) => void }) {
  const app = useApp();
  const { t } = useTexts();
  const { value, problem, reload } = useLoad(() => app.api.admin.anomalies(link.id), link.id);
  const [refused, setRefused] = useState<Problem | null>(null);
  const [clearing, setClearing] = useState(false);
  const before = useRef(link.anomalies);
  useEffect(() => {
    // The stream brings the count; what is behind it is read when there is more.
    if (before.current !== link.anomalies) reload();
    before.current = link.anomalies;
  }, [link.anomalies, reload]);
  const clear = () => app.api.admin.clearAnomalies(link.id).then(() => onCleared(t("anomaly.cleared", { name: link.name })), (error: unknown) => setRefused(asProblem(error)));
  return (
    <section className="card pad stack" aria-label={link.name}>
      <div className="row wrap">
        <h2>{link.name}</h2>
        <span className="tag amber num" role="status">{t("anomaly.count", { count: link.anomalies })}</span>
        <span className="grow" />
        <a className="chip" style={{ textDecoration: "none" }} download href={app.api.admin.recordingUrl(link.id)}><Icon name="save" size={16} />{t("anomaly.download")}</a>
        <button type="button" className="chip danger" aria-expanded={clearing} onClick={() => setClearing(!clearing)}><Icon name="trash" size={16} />{t("anomaly.clear")}</button>
      </div>
      {clearing && (
        <div className="row wrap notice">
          <span className="grow">{t("anomaly.clearText")}</span>
          <Button color="red" variant="light" onClick={() => void clear()}>{t("anomaly.reallyClear", { count: link.anomalies })}</Button>
          <Button variant="default" onClick={() => setClearing(false)}>{t("action.cancel")}</Button>
        </div>
      )}
      {(problem || refused) && <ProblemNotice problem={(problem ?? refused) as Problem} onRetry={reload} />}
      {!value && !problem && <SkeletonRows rows={2} />}
      <ul className="plain-list">{value?.items.map((kind) => <li key={`${kind.why}:${kind.event}`}><Kind kind={kind} /></li>)}</ul>
    </section>
  );
}
