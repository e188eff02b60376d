/** One field that finds people, customers, numbers, commands and pages. */
import { type Action, perform } from "@core/actions/action";
import { consultActive, dial } from "@core/actions/calls";
import { type Command, commands } from "@core/actions/commands";
import type { AppState } from "@core/app";
import { looksLikeNumber, looksLikeWord, unwrapLink } from "@core/phone/dialtext";
import { activeCall, ownCalls, presenceOf } from "@core/replica/selectors";
import { matchScore, numbersOf } from "@core/search/find";
import { Avatar } from "@ui/Avatar";
import { type Texts, useApp, useLayer, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { Keys } from "@ui/parts";
import { type Found, Missing, useSearch, useSeen, Why } from "@ui/search";
import { Modal } from "@mantine/core";
import { Fragment, useState } from "react";
import "./palette.css";

interface Row {
  id: string;
  section: string;
  title: string;
  subtitle: string;
  right: string;
  mark: React.ReactNode;
  why?: React.ReactNode;
  keys?: string;
  run: () => void;
  /** What Enter does, in words. */
  does?: string;
  /** Ctrl+Enter. */
  open?: () => void;
}

/** `typed`: what was typed before this was loaded. */
export function Palette({ typed }: { typed: string }) {
  const app = useApp();
  const { t } = useTexts();
  const open = useSelect((state) => state.palette);
  const close = () => app.store.patch({ palette: false });
  const layer = useLayer(open);
  return (
    <Modal.Root {...layer} opened={open} onClose={close} size={640} yOffset="10vh" transitionProps={{ duration: 80 }}>
      <Modal.Overlay backgroundOpacity={0.35} />
      <Modal.Content aria-label={t("action.palette")} radius="md">
        <Modal.Body p={0}>{open && <Finder typed={typed} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Finder({ typed }: { typed: string }) {
  const app = useApp();
  const texts = useTexts();
  const { t } = texts;
  const [query, setQuery] = useState(typed);
  const [marked, setMarked] = useState(0);
  const found = useSearch(query, 12);
  const state = useSelect((value) => value);
  const rows = buildRows(query, found, state, texts, (action, target) => {
    app.store.patch({ palette: false });
    void perform(app, action, target);
  }, (path) => app.go(path));
  const at = Math.min(marked, Math.max(0, rows.length - 1));
  const seen = useSeen(rows[at]?.id, query, marked);
  const keyDown = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") setMarked((at + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % Math.max(1, rows.length));
    else if (event.key === "Enter") {
      const row = seen ? rows[at] : undefined;
      if (event.ctrlKey || event.metaKey) (row?.open ?? row?.run)?.();
      else row?.run();
    } else return;
    event.preventDefault();
  };
  return (
    <div className="palette">
      <div className="row palette-input">
        <Icon name="search" />
        <input
          data-autofocus role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list" aria-label={t("search.label")}
          aria-activedescendant={rows[at] ? `palette-${at}` : undefined} placeholder={t("search.placeholder")} value={query} onKeyDown={keyDown} autoComplete="off"
          onChange={(event) => {
            setQuery(event.target.value);
            setMarked(0);
          }}
        />
        <Keys keys="Esc" />
      </div>
      <div className="palette-list" id="palette-list" role="listbox" aria-label={t("search.results")} tabIndex={-1}>
        {rows.map((row, index) => (
          <Fragment key={row.id}>
            {row.section !== rows[index - 1]?.section && <div className="palette-section" role="presentation">{row.section}</div>}
            <PaletteRow row={row} index={index} marked={index === at} onMark={() => setMarked(index)} />
          </Fragment>
        ))}
        <Missing found={found} query={query} empty={rows.length === 0} />
      </div>
      {seen && rows[at]?.does && (
        <div className="row palette-foot" aria-hidden="true">
          <Keys keys="Enter" /><span className="clip">{rows[at].does}</span>
          {rows[at].open && rows[at].open !== rows[at].run && <><Keys keys="Ctrl+Enter" /><span className="clip">{t("journal.showContact")}</span></>}
        </div>
      )}
    </div>
  );
}

function PaletteRow({ row, index, marked, onMark }: { row: Row; index: number; marked: boolean; onMark: () => void }) {
  return (
    <div
      id={`palette-${index}`} role="option" aria-selected={marked} className="row palette-row" onClick={row.run} onMouseMove={onMark}
      ref={(element) => {
        if (marked) element?.scrollIntoView({ block: "nearest" });
      }}
    >
      {row.mark}
      <span className="grow palette-words"><span className="clip">{row.title}</span> <span className="clip muted">{row.subtitle}</span> {row.why}</span>
      {row.right && <span className="num muted">{row.right}</span>}
      {row.keys && <Keys keys={row.keys} />}
    </div>
  );
}

type Run = (action: Action<never>, target: never) => void;

function buildRows(query: string, found: Found, state: AppState, texts: Texts, run: Run, go: (path: string) => void): Row[] {
  const { t } = texts;
  const consulting = activeCall(ownCalls(state.replica.state)) !== null;
  const action = (consulting ? consultActive : dial) as unknown as Action<never>;
  const call = (to: string) => () => run(action, { to } as never);
  const verb = t(consulting ? "call.consult" : "call.dial");
  const typed: Row = { id: "typed", section: t("search.number"), title: `${verb} ${unwrapLink(query)}`, subtitle: "", right: "", mark: <Icon name="phone" />, run: call(query) };
  const people: Row[] = found.people.map((person) => ({
    id: `person:${person.id}`, section: t("search.people"), title: person.name, subtitle: person.department ?? "", right: person.number ?? "",
    mark: <Avatar name={person.name} size={28} presence={presenceOf(state.replica.state, person.id)} />,
    run: person.number ? call(person.number) : () => undefined, ...(person.number ? { does: `${verb}: ${person.name}, ${person.number}` } : {}),
  }));
  const contacts: Row[] = found.hits.flatMap((hit) => {
    const open = () => go(`/contacts/${encodeURIComponent(hit.id)}`);
    const base = { section: t("search.contacts"), title: hit.title, subtitle: hit.subtitle, mark: <Avatar name={hit.title} size={28} />, why: <Why hit={hit} query={query} />, open };
    if (hit.numbers.length === 0) return [{ ...base, id: `${hit.kind}:${hit.id}`, right: "", run: open, does: t("journal.showContact") }];
    return numbersOf(hit, query).slice(0, 3).map((number) => ({ ...base, id: `${hit.kind}:${hit.id}:${number.canonical}`, right: number.display, run: call(number.canonical), does: `${verb}: ${hit.title}, ${number.display}` }));
  });
  return [...(looksLikeNumber(query) ? [{ ...typed, keys: "Enter" }] : []), ...people, ...contacts, ...(looksLikeWord(query) ? [typed] : []), ...commandRows(query, state, texts, run)];
}

function commandRows(query: string, state: AppState, { t }: Texts, run: Run): Row[] {
  const row = (command: Command): Row => ({
    id: command.id, section: t("search.commands"), title: t(command.title), subtitle: "", right: "", mark: <Icon name={command.icon} />,
    ...(command.keys ? { keys: command.keys } : {}), run: () => run(command.action, command.target as never),
  });
  const all = commands(state);
  if (!query.trim()) return all.map(row);
  return all
    .map((command) => ({ command, score: matchScore(query, t(command.title)) }))
    .filter(({ score }) => score >= 1.5)
    .sort((a, b) => b.score - a.score)
    .slice(0, 6)
    .map(({ command }) => row(command));
}
