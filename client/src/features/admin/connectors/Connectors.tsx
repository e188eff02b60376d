/** Links to telephone systems: how each stands, why, and what to do. */
import type { AdminConnector, ConnectorKind, Link } from "@core/api/types";
import { besides, landing, useLanding } from "@ui/asking";
import { newest } from "@ui/beneath";
import { useApp, useLoad, useSelect, useTexts } from "@ui/hooks";
import { EmptyState, Notice, PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Drawer } from "@mantine/core";
import { useState } from "react";
import { LinkFault, NextTry } from "../faults";
import { PHASE_TONES } from "../phases";
import { ConnectorForm } from "./ConnectorForm";

export default function Connectors() {
  const app = useApp();
  const { t } = useTexts();
  const { value, problem, reload } = useLoad(() => app.api.admin.connectors.list(), "connectors");
  const { value: kinds } = useLoad(() => app.api.admin.kinds(), "kinds");
  const [opened, setOpened] = useState<AdminConnector | "new" | null>(null);
  const edited = opened && opened !== "new" ? newest(opened, value?.items) : opened;
  const [said, setSaid] = useState("");
  const land = useLanding(value);
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.connectors")}</h1><p className="muted">{t("connector.text")}</p></div>
        <PrimaryButton icon="plus" {...landing("add")} onClick={() => setOpened("new")}>{t("connector.add")}</PrimaryButton>
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {said && <Notice tone="good">{said}</Notice>}
      {!value && !problem && <SkeletonRows rows={3} height={120} />}
      {value?.items.length === 0 && <EmptyState icon="plug" title={t("connector.empty")} action={<PrimaryButton icon="plus" onClick={() => setOpened("new")}>{t("connector.add")}</PrimaryButton>}>{t("connector.text")}</EmptyState>}
      <div className="connector-cards">
        {value?.items.map((item) => <Card key={item.id} item={item} kinds={kinds ?? []} onOpen={() => setOpened(item)} />)}
      </div>
      <Drawer opened={edited !== null} onClose={() => setOpened(null)} position="right" size={520} title={edited === "new" ? t("connector.add") : (edited?.name ?? "")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {edited !== null && kinds && (
          <ConnectorForm
            item={edited === "new" ? null : edited} kinds={kinds} key={edited === "new" ? "new" : edited.id} onOvertaken={reload}
            onDone={(words, gone) => {
              if (gone && edited !== "new") land(...besides(value?.items ?? [], new Set([edited.id])), "add");
              setOpened(null);
              setSaid(words);
              reload();
            }}
          />
        )}
      </Drawer>
    </>
  );
}

/** How grave what a link says is: one that is up may still speak of lines that the telephone system does not know. */
const NOTICE: Partial<Record<Link["phase"], string>> = { refused: "error", waiting: "error", up: "warning" };

function Card({ item, kinds, onOpen }: { item: AdminConnector; kinds: readonly ConnectorKind[]; onOpen: () => void }) {
  const app = useApp();
  const { t, format, word } = useTexts();
  const link = useSelect((state) => state.replica.state.links[item.id]);
  const phase = item.enabled ? (link?.phase ?? "stopped") : "stopped";
  return (
    <div className="connector-card" data-testid={`connector-${item.id}`}>
    <button type="button" className="plain connector-open" {...landing(item.id)} onClick={onOpen}>
      <span className="row"><span className={`tag ${PHASE_TONES[phase]}`}>{word("phase", phase)}</span><span className="grow" /><span className="muted">{kinds.find((kind) => kind.key === item.kind)?.name ?? item.kind}</span></span>
      <strong>{item.name}</strong>
      <span className="muted">{[link?.peer, link?.version, link?.lines ? t("connector.lines", { count: link.lines }) : ""].filter(Boolean).join(" · ")}</span>
      {link?.since && <span className="muted">{t("connector.since", { time: format.moment(link.since, app.now()) })}</span>}
      {link && link.anomalies > 0 && <span className="muted">{t("anomaly.count", { count: link.anomalies })}</span>}
      {link?.message && <span className={`notice ${NOTICE[phase] ?? ""}`}><LinkFault link={link} /></span>}
    </button>
    {item.enabled && link && <NextTry link={link} />}
    </div>
  );
}
