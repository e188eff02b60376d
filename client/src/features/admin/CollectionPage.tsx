/** A list with search and bulk actions, a drawer for one of them, save with its difference, and undo. */
import { difference, onTop, rebased, same } from "@core/diff";
import { savedOnTop } from "@core/saving";
import type { Collection } from "@core/api/admin-routes";
import { asProblem, type Problem } from "@core/api/problem";
import { matchScore } from "@core/search/find";
import type { IconName } from "@core/icons";
import { AskedFirst, besides, landing, useLanding } from "@ui/asking";
import { newest, useBeneath } from "@ui/beneath";
import { DifferenceList } from "@ui/DifferenceList";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { EmptyState, FormProblem, Notice, PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button, Drawer } from "@mantine/core";
import { Fragment, type ReactNode, useState } from "react";
import { type FieldSpec, RecordForm, type Values } from "./RecordForm";

export interface Column<T> {
  title: string;
  cell: (item: T) => ReactNode;
}

export interface Bulk<T> {
  title: string;
  change: Partial<T>;
}

/** What a list shows, by its id, with the tag of what is stored. */
interface Item {
  id: string;
  etag: string;
}

interface PageProps<T extends Item> {
  title: string;
  text: string;
  icon: IconName;
  addLabel: string;
  emptyTitle: string;
  collection: Collection<T>;
  columns: readonly Column<T>[];
  fields: readonly FieldSpec[];
  blank: Partial<T>;
  nameOf: (item: T) => string;
  searchText: (item: T) => string;
  bulk?: readonly Bulk<T>[];
  /** What a change means for people, in words; null: not there before, or not any more. */
  effects?: (before: T | null, after: T | null) => string[];
  /** What taking back a deletion cannot bring back. */
  undoLimit?: string;
  reloadKey?: string;
  /** Instead of a field below the other. */
  form?: (form: FormState) => ReactNode;
  drawer?: number;
  /** What cannot be removed, and what it is called to remove it if not "delete". */
  fixed?: (item: T) => boolean;
  removeLabel?: (item: T) => string;
  /** What was removed cannot be brought back. */
  final?: boolean;
  /** A second way to add; `onAdded` says what was added and takes it back. */
  more?: (onAdded: (words: string, back: () => Promise<unknown>) => void) => ReactNode;
}

export interface FormState {
  values: Values;
  /** Nothing of it is stored yet. */
  fresh: boolean;
  wrong: { field: string; text: string } | null;
  onChange: (key: string, value: unknown) => void;
  /** What belongs to it was changed besides the form: the list is read again. */
  reload: () => void;
}

/** What something was before, and what it is now; null: gone. */
interface Undo<T> {
  before: T;
  after: T | null;
}

/** Changes what `before` shows into `value`, and nothing else that others have changed since it was read. */
async function replaced<T extends Item>(collection: Collection<T>, before: T, value: T): Promise<Undo<T>> {
  const { stored, sent, saved } = await savedOnTop(before, {
    merged: (now: T | undefined) => onTop(before, { ...value, etag: before.etag }, now),
    put: (body, etag) => collection.replace(before.id, body, etag),
    load: async () => (await collection.list()).items.find((each) => each.id === before.id),
  });
  return { before: rebased(sent, stored, saved), after: saved };
}

interface Done<T> {
  words: string;
  undo: Undo<T>[];
  /** Takes back what was added otherwise. */
  back?: () => Promise<unknown>;
}

export function CollectionPage<T extends Item>(props: PageProps<T>) {
  const { t } = useTexts();
  const { value, problem, reload } = useLoad(() => props.collection.list(), props.reloadKey ?? props.title);
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<T | "new" | null>(null);
  const edited = opened && opened !== "new" ? newest(opened, value?.items) : opened;
  const [done, setDone] = useState<Done<T> | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  const items = (value?.items ?? []).filter((item) => !query.trim() || matchScore(query, props.searchText(item)) > 0);
  const land = useLanding(value);
  /** The focus goes on to the next item, else to the way to add one. */
  const landBesides = (gone: readonly T[]) => land(...besides(items, new Set(gone.map((item) => item.id))), "add");
  const touched = items.filter((item) => chosen.has(item.id));
  /** One after the other; what was done before one was refused can still be taken back. */
  const forEach = async (list: readonly T[], run: (item: T) => Promise<Undo<T> | null>, words: (count: number) => string, gone: boolean) => {
    const finished: T[] = [];
    const undo: Undo<T>[] = [];
    try {
      for (const item of list) {
        const back = await run(item);
        finished.push(item);
        if (back && !(gone && props.final)) undo.push(back);
      }
      setRefused(null);
    } catch (error) {
      setRefused(asProblem(error));
    }
    if (finished.length > 0) setDone({ words: words(finished.length), undo });
    setChosen(new Set());
    if (gone) landBesides(finished);
    else land(...finished.map((item) => item.id), "add");
    reload();
  };
  const runBulk = (bulk: Bulk<T>) => forEach(touched, (item) => replaced(props.collection, item, { ...item, ...bulk.change }), (count) => t("admin.savedMany", { count }), false);
  const removeChosen = () => forEach(touched, (before) => props.collection.remove(before.id, before.etag).then(() => ({ before, after: null })), (count) => t("admin.removedMany", { count }), true);
  const undo = () => {
    if (done?.back) {
      land("add");
      done.back().then(() => setDone({ words: t("admin.undone"), undo: [] }), (error: unknown) => setRefused(asProblem(error))).finally(reload);
      return;
    }
    const after = new Map(done?.undo.map((each) => [each.before, each.after]));
    const words = [t("admin.undone"), [...after.values()].includes(null) && props.undoLimit].filter(Boolean).join(" ");
    const back = async (item: T) => {
      const now = after.get(item);
      const { id: _gone, ...values } = item;
      if (now) await replaced(props.collection, now, item);
      else await (props.collection.restore?.(item) ?? props.collection.create(values as unknown as Partial<T>));
      return null;
    };
    void forEach([...after.keys()], back, () => words, false);
  };
  const more = props.more?.((words, back) => {
    setDone({ words, undo: [], back });
    reload();
  });
  const toggle = (id: string) => setChosen((now) => (now.has(id) ? new Set([...now].filter((each) => each !== id)) : new Set([...now, id])));
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{props.title}</h1><p className="muted">{props.text}</p></div>
        {value?.items.length !== 0 && <input className="filter" type="search" aria-label={t("action.search")} placeholder={t("action.search")} value={query} onChange={(event) => setQuery(event.target.value)} />}
        {more}
        <PrimaryButton icon="plus" {...landing("add")} onClick={() => setOpened("new")}>{props.addLabel}</PrimaryButton>
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {refused && <ProblemNotice problem={refused} />}
      {done && <Notice tone="good" action={(done.undo.length > 0 || done.back) && <button type="button" className="tool" onClick={undo}>{t("action.undo")}</button>}>{done.words}</Notice>}
      {touched.length > 0 && props.bulk && (
        <div className="row wrap bulk" role="toolbar" aria-label={t("admin.bulk")}>
          <strong>{t("admin.chosen", { count: touched.length })}</strong>
          {props.bulk.map((bulk) => <button key={bulk.title} type="button" className="chip" onClick={() => void runBulk(bulk)}>{bulk.title}</button>)}
          <AskedFirst label={t("admin.deleteChosen")} sure={t("admin.reallyDeleteMany", { count: touched.length })} onSure={() => void removeChosen()}>
            {told(touched.flatMap((item) => props.effects?.(item, null) ?? []))}
          </AskedFirst>
        </div>
      )}
      {!value && !problem && <SkeletonRows rows={8} />}
      {value?.items.length === 0 && <EmptyState icon={props.icon} title={props.emptyTitle} action={<PrimaryButton icon="plus" onClick={() => setOpened("new")}>{props.addLabel}</PrimaryButton>} />}
      {items.length === 0 && query.trim() !== "" && <EmptyState icon="search" title={t("search.nothing", { query })} />}
      {items.length > 0 && <Table items={items} {...props} chosen={chosen} onToggle={toggle} onOpen={setOpened} onAll={(on) => setChosen(new Set(on ? items.map((item) => item.id) : []))} />}
      <Drawer opened={edited !== null} onClose={() => setOpened(null)} position="right" size={props.drawer ?? 480} title={edited === "new" ? props.addLabel : edited ? props.nameOf(edited) : ""} closeButtonProps={{ "aria-label": t("action.close") }}>
        {edited !== null && (
          <Editor
            {...props} item={edited} reload={reload} key={edited === "new" ? "new" : edited.id}
            onDone={(words, back) => {
              const gone = back?.after === null;
              setOpened(null);
              setDone({ words, undo: back && !(gone && props.final) ? [back] : [] });
              if (gone) landBesides([back.before]);
              reload();
            }}
          />
        )}
      </Drawer>
    </>
  );
}

interface TableProps<T extends Item> extends PageProps<T> {
  items: readonly T[];
  chosen: ReadonlySet<string>;
  onToggle: (id: string) => void;
  onOpen: (item: T) => void;
  onAll: (on: boolean) => void;
}

function Table<T extends Item>({ items, columns, bulk, chosen, onToggle, onOpen, onAll, nameOf, title }: TableProps<T>) {
  const { t } = useTexts();
  return (
    <div className="card table-frame">
      <table className="table labelled" aria-label={title}>
        <thead>
          <tr>
            {bulk && <th className="check"><input type="checkbox" aria-label={t("admin.chooseAll")} checked={chosen.size > 0 && chosen.size === items.length} onChange={(event) => onAll(event.target.checked)} /></th>}
            {columns.map((column) => <th key={column.title} scope="col">{column.title}</th>)}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id} onClick={() => onOpen(item)}>
              {bulk && <td className="check" onClick={(event) => event.stopPropagation()}><input type="checkbox" aria-label={t("admin.choose", { name: nameOf(item) })} checked={chosen.has(item.id)} onChange={() => onToggle(item.id)} /></td>}
              {columns.map((column, index) => (
                <td key={column.title} data-label={column.title}>{index === 0 ? <button type="button" className="plain table-name" {...landing(item.id)} onClick={(event) => { event.stopPropagation(); onOpen(item); }}>{column.cell(item)}</button> : column.cell(item)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface EditorProps<T extends Item> extends PageProps<T> {
  item: T | "new";
  reload: () => void;
  onDone: (words: string, back: Undo<T> | null) => void;
}

/** What would happen, if anything is to be said. */
const told = (effects: readonly string[] = []) => effects.length > 0 && <ul className="diff">{effects.map((effect) => <li key={effect}>{effect}</li>)}</ul>;

function Editor<T extends Item>({ item, blank, collection, fields, form, fixed, removeLabel, nameOf, effects, onDone, reload }: EditorProps<T>) {
  const app = useApp();
  const { t } = useTexts();
  const problemText = useProblemText();
  const fresh = item === "new";
  const before = (fresh ? blank : item) as Values;
  const { value: values, setValue: setValues, theirs } = useBeneath(before);
  const land = useLanding(item);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const changes = fresh ? [] : difference(before, values);
  const others = fresh ? [] : theirs.filter(({ key }) => fields.some((field) => field.key === key));
  const change = (key: string, value: unknown) => setValues((now) => ({ ...now, [key]: value }));
  /** It may be another by now, or gone: whoever opens it again sees what is there. */
  const refuse = (error: unknown) => {
    setProblem(asProblem(error));
    reload();
  };
  const save = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const back = fresh ? null : await replaced(collection, item as T, values as T);
      const saved = back ? back.after : await collection.create(values as Partial<T>);
      onDone(t("admin.saved", { name: saved ? nameOf(saved) : nameOf(values as T) }), back);
    } catch (error) {
      land("save");
      refuse(error);
      setBusy(false);
    }
  };
  const remove = async () => {
    try {
      await collection.remove((item as T).id, (item as T).etag);
      onDone(t("admin.removed", { name: nameOf(item as T) }), { before: item as T, after: null });
    } catch (error) {
      refuse(error);
    }
  };
  const wrong = problem && typeof problem.data.field === "string" ? { field: problem.data.field, text: problemText(problem) } : null;
  return (
    <form className="stack" style={{ gap: 16 }} onSubmit={(event) => void save(event)}>
      {form ? <Fragment key={fresh ? "" : item.etag}>{form({ values, fresh, wrong, onChange: change, reload })}</Fragment> : <RecordForm fields={fresh ? fields.map((field) => ({ ...field, ...field.fresh })) : fields} values={values} wrong={wrong} onChange={change} />}
      {problem && <FormProblem problem={problem} />}
      {others.length > 0 && <DifferenceList title={t("diff.theirs")} changes={others} fields={fields} />}
      {changes.length > 0 && <DifferenceList {...(others.length > 0 && { title: t("diff.title") })} changes={changes} fields={fields} effects={effects?.(item as T, values as T) ?? []} />}
      <div className="drawer-foot row wrap">
        {!fresh && !fixed?.(item) && (
          <AskedFirst label={removeLabel?.(item) ?? t("action.delete")} sure={t("admin.reallyDelete", { name: nameOf(item) })} onSure={() => void remove()}>
            {told(effects?.(item, null))}
          </AskedFirst>
        )}
        <span className="grow" />
        <Button type="submit" {...landing("save")} loading={busy} disabled={!fresh && same(before, values)}>{t("action.save")}</Button>
      </div>
      {app.state.link !== "live" && <Notice tone="warning">{t("why.offline")}</Notice>}
    </form>
  );
}
