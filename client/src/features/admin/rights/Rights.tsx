/** Who lets whom see and do how much: everybody, all groups, each group. */
import { onTop } from "@core/diff";
import { savedOnTop } from "@core/saving";
import type { Rights as Values } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { matchScore } from "@core/search/find";
import { useApp, useFollowPeople, useLoad, useTexts } from "@ui/hooks";
import { EmptyState, Notice, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Drawer } from "@mantine/core";
import { useState } from "react";
import { Matrix } from "./Matrix";
import { asItIs, changeOf, keyOf, type Place, type Setting, settingAt, settingOf } from "./places";
import { LevelTag, RightsEditor } from "./RightsEditor";

interface Done {
  words: string[];
  /** What to set again, on what was saved. */
  undo: { on: Values; place: Place; setting: Setting } | null;
}

export default function Rights() {
  const app = useApp();
  const { t } = useTexts();
  const { value, problem, reload } = useLoad(() => app.api.admin.rights.get(), "rights");
  useFollowPeople(reload);
  const [query, setQuery] = useState("");
  const [chosen, setEdited] = useState<Place | null>(null);
  const edited = chosen && value && asItIs(value, chosen);
  const [done, setDone] = useState<Done | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  const name = useNameOf();
  const save = async (on: Values, place: Place, setting: Setting, said: string[], back: Setting | undefined) => {
    try {
      const { saved } = await savedOnTop(on, {
        merged: (now: Values | undefined) => onTop({ setting: settingAt(on, place) }, { setting }, now && asItIs(now, place) ? { setting: settingAt(now, place) } : undefined),
        put: (wanted, etag) => app.api.admin.rights.change(changeOf(place, wanted.setting), etag),
        load: app.api.admin.rights.get,
      });
      setDone({ words: said, undo: back === undefined ? null : { on: saved, place, setting: back } });
      setRefused(null);
      setEdited(null);
    } finally {
      reload();
    }
  };
  const undo = ({ on, place, setting }: NonNullable<Done["undo"]>) => {
    save(on, place, setting, [t("admin.undone")], undefined).catch((error: unknown) => setRefused(asProblem(error)));
  };
  const groups: Place[] = (value?.groups ?? []).filter((group) => !query.trim() || matchScore(query, group.name) > 0).map((group) => ({ kind: "group", group }));
  const places: Place[] = query.trim() ? groups : [{ kind: "everyone" }, { kind: "groups" }, ...groups];
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.rights")}</h1><p className="muted">{t("rights.text")}</p></div>
        <input className="filter" type="search" aria-label={t("action.search")} placeholder={t("action.search")} value={query} onChange={(event) => setQuery(event.target.value)} />
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {refused && <ProblemNotice problem={refused} />}
      {done && <Notice tone="good" action={done.undo && <button type="button" className="tool" onClick={() => done.undo && undo(done.undo)}>{t("action.undo")}</button>}>{done.words.map((words) => <div key={words}>{words}</div>)}</Notice>}
      {!value && !problem && <SkeletonRows rows={6} />}
      {value && (
        <div className="rights">
          <div className="stack" style={{ gap: 12 }}>
            {places.length > 0 && <Places rights={value} places={places} name={name} onOpen={setEdited} />}
            {places.length === 0 && <EmptyState icon="search" title={t("search.nothing", { query })} />}
            {value.groups.length === 0 && <EmptyState icon="group" title={t("groups.empty")} action={<button type="button" className="chip" onClick={() => app.go("/admin/groups")}>{t("groups.add")}</button>}>{t("rights.noGroups")}</EmptyState>}
          </div>
          <section className="card pad stack"><h2>{t("grants.levels")}</h2><Matrix label={t("grants.levels")} levels={value.levels} marked={[value.everyone]} /><p className="muted">{t("rights.markedEveryone")}</p></section>
        </div>
      )}
      <Drawer opened={edited !== null} onClose={() => setEdited(null)} position="right" size={520} title={edited ? name(edited) : ""} closeButtonProps={{ "aria-label": t("action.close") }}>
        {edited && value && (
          <RightsEditor
            key={keyOf(edited)} rights={value} place={edited} name={name(edited)}
            onSave={(setting, effects) => save(value, edited, setting, [t("rights.saved", { name: name(edited) }), ...effects], settingOf(value, edited))}
          />
        )}
      </Drawer>
    </>
  );
}

function useNameOf(): (place: Place) => string {
  const { t } = useTexts();
  return (place) => (place.kind === "group" ? place.group.name : t(`rights.${place.kind}`));
}

interface PlacesProps {
  rights: Values;
  places: readonly Place[];
  name: (place: Place) => string;
  onOpen: (place: Place) => void;
}

function Places({ rights, places, name, onOpen }: PlacesProps) {
  const { t } = useTexts();
  return (
    <div className="card table-frame">
      <table className="table rights-table" aria-label={t("admin.nav.rights")}>
        <thead><tr>{(["rights.for", "rights.members", "rights.leaders"] as const).map((key) => <th key={key} scope="col">{t(key)}</th>)}</tr></thead>
        <tbody>
          {places.map((place) => {
            const setting = settingOf(rights, place);
            const levels = typeof setting === "string" ? null : (setting ?? rights.group_default);
            return (
              <tr key={keyOf(place)} onClick={() => onOpen(place)}>
                <td>
                  <button type="button" className="plain table-name" onClick={(event) => { event.stopPropagation(); onOpen(place); }}>{name(place)}</button>
                  <div className="muted">{place.kind === "group" ? [t("groups.count", { count: place.group.members }), place.group.levels === null && t("rights.asAllGroups")].filter(Boolean).join(" · ") : t(`rights.${place.kind}Text`)}</div>
                </td>
                {typeof setting === "string" && <td colSpan={2}><LevelTag rights={rights} level={setting} counts={false} /></td>}
                {levels && <td data-label={t("rights.members")}><LevelTag rights={rights} level={levels.members} counts /></td>}
                {levels && <td data-label={t("rights.leaders")}><LevelTag rights={rights} level={levels.leaders} counts /></td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
