/** Lines to add from what the telephone systems say they have: search, tick, give them to people, add at once. */
import { fresh, keyOf, matching, wanted } from "@core/admin/discovered";
import { asProblem, type Problem } from "@core/api/problem";
import type { DiscoveredLine, Id } from "@core/api/types";
import { useApp, useLoad, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { EmptyState, PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button, Drawer, Select } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Option } from "../RecordForm";

interface ButtonProps {
  people: readonly Option[];
  connectors: readonly Option[];
  onAdded: (words: string, back: () => Promise<unknown>) => void;
}

/** The button, and the drawer behind it. */
export function AddDiscovered({ people, connectors, onAdded }: ButtonProps) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<Icon name="plug" size={16} />} onClick={() => setOpen(true)}>{t("discover.open")}</Button>
      <Drawer opened={open} onClose={() => setOpen(false)} position="right" size={680} title={t("discover.title")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {open && <Discovered people={people} connectors={connectors} onAdded={(...added) => { setOpen(false); onAdded(...added); }} />}
      </Drawer>
    </>
  );
}

function Discovered({ people, connectors, onAdded }: ButtonProps) {
  const app = useApp();
  const { value, problem, reload } = useLoad(() => app.api.admin.discovered(), "discovered");
  const links = useSelect((state) => state.replica.state.links);
  // What a telephone system has may become known while somebody waits for it here.
  const standing = Object.values(links).map((link) => `${link.phase} ${link.lines}`).join();
  const before = useRef(standing);
  useEffect(() => {
    if (before.current !== standing) reload();
    before.current = standing;
  }, [standing, reload]);
  if (problem) return <ProblemNotice problem={problem} onRetry={reload} />;
  if (!value) return <SkeletonRows rows={8} />;
  const offered = fresh(value);
  return offered.length > 0 ? <Offer lines={offered} people={people} connectors={connectors} onAdded={onAdded} /> : <Nothing known={value.length} />;
}

/** Why nothing is offered, and what to do about it. */
function Nothing({ known }: { known: number }) {
  const app = useApp();
  const { t } = useTexts();
  const links = Object.values(useSelect((state) => state.replica.state.links));
  const connectors = <PrimaryButton icon="plug" onClick={() => app.go("/admin/connectors")}>{t("admin.nav.connectors")}</PrimaryButton>;
  if (known > 0) return <EmptyState icon="check" title={t("discover.all", { count: known })}>{t("discover.allText")}</EmptyState>;
  if (links.length === 0) return <EmptyState icon="plug" title={t("connector.empty")} action={connectors}>{t("discover.noneText")}</EmptyState>;
  if (!links.some((link) => link.phase === "up")) return <EmptyState icon="alert" title={t("discover.down")} action={connectors}>{t("discover.downText")}</EmptyState>;
  return <EmptyState icon="deskPhone" title={t("discover.silent")}>{t("discover.silentText")}</EmptyState>;
}

interface OfferProps extends ButtonProps {
  lines: readonly DiscoveredLine[];
}

const SHOWN = 100;
const AT_ONCE = 1000;

function Offer({ lines, people, connectors, onAdded }: OfferProps) {
  const app = useApp();
  const { t } = useTexts();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [given, setGiven] = useState<ReadonlyMap<string, Id>>(new Map());
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const nameOf = (id: Id) => people.find((person) => person.value === id)?.label ?? "";
  const found = matching(lines, query, nameOf);
  const all = found.length > 0 && found.every((line) => chosen.has(keyOf(line)));
  const toggle = (keys: readonly string[], on: boolean) => setChosen((now) => new Set(on ? [...now, ...keys] : [...now].filter((key) => !keys.includes(key))));
  const adding = wanted(lines, chosen, given).slice(0, AT_ONCE);
  const owned = adding.filter((line) => line.user_ids?.length).length;
  const add = async () => {
    setBusy(true);
    try {
      const ids = (await app.api.admin.addLines(adding)).map((line) => line.id);
      onAdded(t("discover.added", { count: ids.length }), () => app.api.admin.removeLines(ids));
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <form className="stack" style={{ gap: 12 }} onSubmit={(event) => { event.preventDefault(); void add(); }}>
      <p className="muted">{t("discover.text")}</p>
      <div className="row wrap">
        <input className="filter" type="search" style={{ flex: 1 }} aria-label={t("action.search")} placeholder={t("action.search")} value={query} onChange={(event) => setQuery(event.target.value)} />
        <label className="row"><input type="checkbox" checked={all} onChange={(event) => toggle(found.map(keyOf), event.target.checked)} />{t("discover.chooseAll", { count: found.length })}</label>
      </div>
      <ul className="plain-list discovered">
        {found.slice(0, SHOWN).map((line) => {
          const key = keyOf(line);
          return (
            <Row
              key={key} line={line} people={people} from={connectors.length > 1 ? (connectors.find((each) => each.value === line.connector)?.label ?? "") : ""}
              chosen={chosen.has(key)} onToggle={(on) => toggle([key], on)} person={given.get(key) ?? line.user_id}
              onPerson={(id) => { setGiven((now) => new Map(now).set(key, id)); toggle([key], true); }}
            />
          );
        })}
      </ul>
      {found.length === 0 && <EmptyState icon="search" title={t("search.nothing", { query })} />}
      {found.length > SHOWN && <p className="muted">{t("discover.more", { count: found.length - SHOWN })}</p>}
      {problem && <ProblemNotice problem={problem} />}
      <div className="drawer-foot row wrap">
        <span className="grow muted" role="status">{adding.length > 0 && t("discover.summary", { owned, rest: adding.length - owned })}</span>
        <Button type="submit" loading={busy} disabled={adding.length === 0}>{t("discover.add", { count: adding.length })}</Button>
      </div>
    </form>
  );
}

interface RowProps {
  line: DiscoveredLine;
  people: readonly Option[];
  /** Which telephone system, where there are several. */
  from: string;
  chosen: boolean;
  person: Id;
  onToggle: (on: boolean) => void;
  onPerson: (id: Id) => void;
}

function Row({ line, people, from, chosen, person, onToggle, onPerson }: RowProps) {
  const { t } = useTexts();
  const proposed = line.reason && person === line.user_id;
  return (
    <li className="row wrap">
      <label className="row grow discovered-line">
        <input type="checkbox" checked={chosen} onChange={(event) => onToggle(event.target.checked)} />
        <strong className="num">{line.number}</strong>
        <span className="clip">{line.name}</span>
        <span className="muted clip">{[line.device !== line.number && line.device, from].filter(Boolean).join(" · ")}</span>
      </label>
      <div className="discovered-person">
        <Select aria-label={t("discover.person", { number: line.number })} placeholder={t("lines.nobody")} data={[...people]} value={person || null} searchable clearable clearButtonProps={{ "aria-label": t("discover.noPerson") }} limit={50} nothingFoundMessage={t("admin.nothingFound")} onChange={(id) => onPerson(id ?? "")} />
        {proposed && <span className="muted">{t(`discover.by.${line.reason as "number" | "name"}`)}</span>}
      </div>
    </li>
  );
}
