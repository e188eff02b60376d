/** All calls: virtual list, chips, search as you type, missed ones standing out until somebody deals with them. */
import { openPalette } from "@core/actions/own";
import type { Reach } from "@core/api/types";
import { FILTERS, type Filter, type Row, toRows, toggleFilter } from "@core/journal";
import { missedOpen } from "@core/replica/selectors";
import { useApp, usePerform, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { EmptyState, ProblemNotice, SkeletonRows } from "@ui/parts";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { JournalRow } from "./JournalRow";
import { useJournal } from "./useJournal";
import "./journal.css";

const SCOPES: readonly Reach[] = ["mine", "group", "all"];

export default function Journal() {
  const { t } = useTexts();
  const perform = usePerform();
  const [filters, setFilters] = useState<Filter[]>([]);
  const [scope, setScope] = useState<Reach>("mine");
  const [query, setQuery] = useState("");
  const missed = useSelect((state) => missedOpen(state.replica.state));
  const { entries, problem, more, complete, reload } = useJournal({ filters, scope, query });
  const rows = useMemo(() => (entries ? toRows(entries) : null), [entries]);
  const filtered = filters.length > 0 || query.trim() !== "";
  return (
    <div className="page journal">
      <header className="row wrap page-head">
        <h1 className="grow">{t("nav.journal")}</h1>
        <input className="filter" type="search" aria-label={t("journal.search")} placeholder={t("journal.search")} value={query} onChange={(event) => setQuery(event.target.value)} />
        <select className="select" aria-label={t("journal.scope")} value={scope} onChange={(event) => setScope(event.target.value as Reach)}>
          {SCOPES.map((each) => <option key={each} value={each}>{t(`journal.scope.${each}`)}</option>)}
        </select>
      </header>
      <div className="row journal-chips" role="group" aria-label={t("journal.filters")}>
        {FILTERS.map((filter) => (
          <button key={filter} type="button" className="chip" aria-pressed={filters.includes(filter)} onClick={() => setFilters(toggleFilter(filters, filter))}>
            {t(`filter.${filter}`)}{filter === "open" && missed > 0 && <span className="count-badge num">{missed}</span>}
          </button>
        ))}
      </div>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {!rows && !problem && <SkeletonRows rows={10} height={48} />}
      {rows?.length === 0 && (
        filtered
          ? <EmptyState icon="filter" title={t("journal.noneFiltered")} action={<button type="button" className="chip" onClick={() => { setFilters([]); setQuery(""); }}>{t("journal.clearFilters")}</button>} />
          : <EmptyState icon="journal" title={t("journal.emptyTitle")} action={<button type="button" className="chip" onClick={() => void perform(openPalette, undefined)}><Icon name="search" size={16} />{t("journal.emptyAction")}</button>}>{t("journal.emptyText")}</EmptyState>
      )}
      {rows && rows.length > 0 && <List rows={rows} more={more} complete={complete} />}
    </div>
  );
}

function List({ rows, more, complete }: { rows: Row[]; more: () => void; complete: boolean }) {
  const app = useApp();
  const { t, format } = useTexts();
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => rows[index]?.id ?? index,
    estimateSize: (index) => (rows[index]?.kind === "day" ? 40 : 56),
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (!complete && last >= rows.length - 15) more();
  }, [last, rows.length, complete, more]);
  return (
    <div className="journal-list card" ref={scroller} role="region" aria-busy={!complete && last >= rows.length - 1} aria-label={t("nav.journal")} onKeyDown={(event) => step(event, scroller.current)} tabIndex={-1}>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map((item) => {
          const row = rows[item.index];
          return row && (
            <div key={item.key} data-index={item.index} ref={virtual.measureElement} className="journal-item" style={{ transform: `translateY(${item.start}px)` }}>
              {row.kind === "day"
                ? <h2 className="journal-day">{format.day(row.at, app.now())}</h2>
                : <JournalRow entry={row.entry} legs={row.legs} open={open === row.id} onToggle={() => setOpen(open === row.id ? null : row.id)} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function step(event: React.KeyboardEvent, list: HTMLElement | null): void {
  if (!list || !(event.target instanceof HTMLElement) || !event.target.matches("[data-roving]")) return;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const all = [...list.querySelectorAll<HTMLElement>("[data-roving]")].sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  all[all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  event.preventDefault();
}
