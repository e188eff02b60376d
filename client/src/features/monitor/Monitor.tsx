/** Colleagues at a glance: favourites as the person arranged them, then everybody by department, or by group where the department may not be seen. */
import { attendant, changeSettings, groupPickUp, setFavourites } from "@core/actions/own";
import type { Person } from "@core/api/types";
import { type Arrangement, addGroup, place, removeGroup, sections, shift } from "@core/favourites";
import type { IconName } from "@core/icons";
import { colleagues, sameList } from "@core/replica/selectors";
import { findPeople } from "@core/search/find";
import type { Density } from "@core/settings";
import { useApp, useMe, usePerform, useSelect, useSettings, useTexts } from "@ui/hooks";
import { ActionButton, EmptyState, IconButton, PrimaryButton, SkeletonRows } from "@ui/parts";
import { useMemo, useRef, useState } from "react";
import { Attendant } from "./Attendant";
import { PersonTile } from "./PersonTile";
import "./monitor.css";

const DRAG_TYPE = "application/x-unisono-person";
const DENSITIES: readonly { density: Density; icon: IconName }[] = [
  { density: "tiles", icon: "tiles" }, { density: "rows", icon: "rows" }, { density: "dense", icon: "dense" },
];

export function Monitor() {
  const { t, locale } = useTexts();
  const perform = usePerform();
  const { density } = useSettings();
  const attending = useSelect((state) => state.attendant);
  const ready = useSelect((state) => state.replica.epoch !== "");
  const people = useSelect((state) => colleagues(state.replica.state, locale), sameList);
  const [query, setQuery] = useState("");
  const shown = useMemo(() => (query.trim() ? findPeople(people, query, 500) : people), [people, query]);
  const page = useRef<HTMLDivElement>(null);
  const favourites = useMe()?.favourites ?? [];
  return (
    <div className="page monitor" ref={page} onKeyDown={(event) => rove(event, page.current)}>
      <header className="row wrap page-head">
        <h1 className="grow">{t("nav.monitor")}</h1>
        <input className="filter" type="search" aria-label={t("monitor.filter")} placeholder={t("monitor.filter")} value={query} onChange={(event) => setQuery(event.target.value)} />
        <div className="row" role="group" aria-label={t("settings.density")} style={{ gap: 2 }}>
          {DENSITIES.map((each) => (
            <IconButton key={each.density} icon={each.icon} label={t(`density.${each.density}`)} pressed={density === each.density} onClick={() => void perform(changeSettings, { density: each.density })} />
          ))}
        </div>
        <ActionButton action={groupPickUp} target={undefined} />
        <ActionButton action={attendant} target={undefined} pressed={attending} />
      </header>
      {!ready && <SkeletonRows rows={6} height={64} />}
      {ready && attending && <Attendant people={people} />}
      {ready && !attending && people.length === 0 && <Nobody />}
      {ready && !attending && people.length > 0 && (
        <>
          {!query && <Favourites people={people} density={density} />}
          <Everybody people={query ? shown : shown.filter((person) => !favourites.includes(person.id))} density={density} />
          {query && shown.length === 0 && <EmptyState icon="search" title={t("search.nothing", { query })} />}
        </>
      )}
    </div>
  );
}

/** Nobody to show: who can change that is led to where it begins. */
function Nobody() {
  const app = useApp();
  const { t } = useTexts();
  const admin = useMe()?.admin ?? false;
  if (!admin) return <EmptyState icon="monitor" title={t("monitor.emptyTitle")}>{t("monitor.emptyText")}</EmptyState>;
  const begin = <PrimaryButton icon="arrow" onClick={() => app.go("/admin/status")}>{t("monitor.firstSteps")}</PrimaryButton>;
  return <EmptyState icon="monitor" title={t("monitor.emptyTitle")} action={begin}>{t("monitor.firstStepsText")}</EmptyState>;
}

/** Arrow keys move between people in the order in which they stand. */
function rove(event: React.KeyboardEvent, page: HTMLElement | null): void {
  if (!(event.target instanceof HTMLElement) || !event.target.matches("[data-roving]") || event.altKey) return;
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step || !page) return;
  const all = [...page.querySelectorAll<HTMLElement>("[data-roving]")];
  all[all.indexOf(event.target) + step]?.focus();
  event.preventDefault();
}

function Favourites({ people, density }: { people: readonly Person[]; density: Density }) {
  const { t } = useTexts();
  const perform = usePerform();
  const user = useMe();
  const { favouriteGroups } = useSettings();
  const byId = useMemo(() => new Map(people.map((person) => [person.id, person])), [people]);
  const now: Arrangement = { favourites: user?.favourites ?? [], groups: favouriteGroups };
  const [naming, setNaming] = useState(false);
  const save = (next: Arrangement) => void perform(setFavourites, next);
  const all = sections(now, (id) => byId.has(id));
  if (now.favourites.length === 0) return <p className="muted monitor-hint">{t("monitor.favouritesHint")}</p>;
  const drop = (group: string, before: string | null) => (event: React.DragEvent) => {
    const id = event.dataTransfer.getData(DRAG_TYPE);
    event.preventDefault();
    event.stopPropagation();
    if (id) save(place(now, id, group, before));
  };
  return (
    <>
      {all.map((section) => (
        <section key={section.name} className="monitor-section" onDragOver={(event) => event.preventDefault()} onDrop={drop(section.name, null)}>
          <div className="row">
            <h2 className="grow">{section.name || t("monitor.favourites")}</h2>
            {section.name === ""
              ? <IconButton icon="plus" label={t("monitor.newGroup")} onClick={() => setNaming(true)} />
              : <IconButton icon="trash" label={t("monitor.removeGroup", { name: section.name })} onClick={() => save(removeGroup(now, section.name))} />}
          </div>
          {section.name === "" && naming && (
            <NameField onDone={(name) => {
              setNaming(false);
              save(addGroup(now, name));
            }} />
          )}
          {section.ids.length === 0 && <p className="muted monitor-hint">{t("monitor.dropHere")}</p>}
          <ul className={`tiles ${density}`} aria-label={section.name || t("monitor.favourites")}>
            {section.ids.map((id) => {
              const person = byId.get(id);
              return person && (
                <PersonTile
                  key={id} person={person} density={density} onArrange={(step) => save(shift(now, id, step))}
                  onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, id)} onDrop={drop(section.name, id)}
                />
              );
            })}
          </ul>
        </section>
      ))}
    </>
  );
}

function NameField({ onDone }: { onDone: (name: string) => void }) {
  const { t } = useTexts();
  return (
    <input
      className="filter" autoFocus aria-label={t("monitor.groupName")} placeholder={t("monitor.groupName")}
      onBlur={(event) => onDone(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") onDone("");
      }}
    />
  );
}

function Everybody({ people, density }: { people: readonly Person[]; density: Density }) {
  const { t, locale } = useTexts();
  const groups = useMemo(() => {
    const byDepartment = new Map<string, Person[]>();
    for (const person of people) {
      const key = person.department || (person.group_names[0] ?? "");
      byDepartment.set(key, [...(byDepartment.get(key) ?? []), person]);
    }
    const collator = new Intl.Collator(locale);
    return [...byDepartment].sort(([a], [b]) => Number(a === "") - Number(b === "") || collator.compare(a, b));
  }, [people, locale]);
  return groups.map(([name, members]) => (
    <section key={name} className="monitor-section">
      <h2>{name || t("monitor.colleagues")} <span className="muted count">{members.length}</span></h2>
      <ul className={`tiles ${density}`} aria-label={name || t("monitor.colleagues")}>
        {members.map((person) => (
          <PersonTile key={person.id} person={person} density={density} onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, person.id)} />
        ))}
      </ul>
    </section>
  ));
}
