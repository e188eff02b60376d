/** How numbers are read and dialled at each site: rules at the left, a live test at the right. */
import { type Change, difference, onTop, same } from "@core/diff";
import { placeOf } from "@core/admin/place";
import { overtaken, savedOnTop } from "@core/saving";
import type { AdminLocation, Explanation, ImportedProblem } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { AskedFirst, landing, useLanding } from "@ui/asking";
import { useBeneath } from "@ui/beneath";
import { type Texts, useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { EmptyState, FormProblem, Notice, PrimaryButton, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Button, Tabs } from "@mantine/core";
import { useRef, useState } from "react";
import { BASE, BLANK, MORE, PBX, RULE_LISTS, SITES } from "./fields";
import { FieldGrid } from "./FieldGrid";
import { type Rule, RuleList } from "./RuleList";
import { TestBox } from "./TestBox";

export default function Locations() {
  const app = useApp();
  const texts = useTexts();
  const { t } = texts;
  const { value, problem, reload } = useLoad(() => app.api.admin.locations.list(), "locations");
  const [chosen, setChosen] = useState<string | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  const [said, setSaid] = useState("");
  const [remarks, setRemarks] = useState<readonly ImportedProblem[]>([]);
  const [removed, setRemoved] = useState<AdminLocation | null>(null);
  const land = useLanding(value);
  const file = useRef<HTMLInputElement>(null);
  const items = value?.items ?? [];
  const current = chosen === "" ? (BLANK as AdminLocation) : (items.find((item) => item.id === chosen) ?? items[0]);
  const importFile = async (picked: File | undefined) => {
    if (!picked) return;
    try {
      const { problems } = await app.api.admin.importLocations(picked);
      setSaid(t("location.imported"));
      setRefused(null);
      setRemarks(problems);
      reload();
    } catch (error) {
      setRefused(asProblem(error));
    }
  };
  /** With its old id, so that whatever referred to it does so again. */
  const bringBack = async (location: AdminLocation) => {
    try {
      await app.api.admin.locations.create(location);
      setRemoved(null);
      setSaid(t("admin.undone"));
      setChosen(location.id);
      land("choose");
      reload();
    } catch (error) {
      setRefused(asProblem(error));
    }
  };
  return (
    <>
      <header className="row wrap page-head">
        <div className="grow"><h1>{t("admin.nav.locations")}</h1><p className="muted">{t("location.text")}</p></div>
        {items.length > 0 && (
          <select className="select" {...landing("choose")} aria-label={t("location.choose")} value={current?.id ?? ""} onChange={(event) => setChosen(event.target.value)}>
            {chosen === "" && <option value="">{t("location.new")}</option>}
            {items.map((item) => <option key={item.id} value={item.id}>{item.name}</option>)}
          </select>
        )}
        <input ref={file} type="file" accept=".xml,text/xml,application/xml" hidden onChange={(event) => void importFile(event.target.files?.[0])} />
        <Button variant="default" leftSection={<Icon name="upload" size={16} />} onClick={() => file.current?.click()}>{t("location.import")}</Button>
        <PrimaryButton icon="plus" {...landing("add")} onClick={() => setChosen("")}>{t("location.new")}</PrimaryButton>
      </header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {refused && <ProblemNotice problem={refused} />}
      {said && <Notice tone="good" action={removed && <button type="button" className="tool" onClick={() => void bringBack(removed)}>{t("action.undo")}</button>}>{said}</Notice>}
      {remarks.length > 0 && (
        <section className="card pad stack">
          <h2>{t("location.remarks", { count: remarks.length })}</h2>
          <ul className="plain-list">
            {remarks.map((each, index) => <li key={index} className="row"><span className="num tag">{t("run.line", { line: each.line })}</span><span>{each.where}: {remarkWords(each, texts)}</span></li>)}
          </ul>
        </section>
      )}
      {!value && !problem && <SkeletonRows rows={6} />}
      {value && !current && <EmptyState icon="hash" title={t("location.emptyTitle")} action={<PrimaryButton icon="plus" onClick={() => setChosen("")}>{t("location.new")}</PrimaryButton>}>{t("location.text")}</EmptyState>}
      {current && (
        <LocationEditor
          key={current.id} stored={current} onOvertaken={reload}
          onSaved={(saved, words) => {
            setChosen(saved);
            setRemoved(saved === null ? current : null);
            setSaid(words);
            setRefused(null);
            if (saved === null) land("choose", "add");
            reload();
          }}
        />
      )}
    </>
  );
}

/** A remark on an imported file in the reader's language; what is wrong with a value stands before what became of it. */
function remarkWords({ code, data, message }: ImportedProblem, { t, has }: Texts): string {
  const [what, why] = [`location.import.${code}`, `error.value.${String(data.problem ?? "")}`];
  if (!has(what)) return message;
  return [has(why) && t(why, data), t(what, data)].filter(Boolean).join(" ");
}

/** "Incoming, rule 1" for `in_rules[0].search`. */
function placeWords(field: string, { t, word }: Texts): string {
  const place = placeOf(field);
  const list = word("location", place.field);
  if (place.at === null) return list;
  return t(place.field.endsWith("_rules") ? "location.place.rule" : "location.place.entry", { list, count: place.at });
}

interface EditorProps {
  stored: AdminLocation;
  onSaved: (id: string | null, words: string) => void;
  /** Somebody else has saved it. */
  onOvertaken: () => void;
}

function LocationEditor({ stored, onSaved, onOvertaken }: EditorProps) {
  const app = useApp();
  const texts = useTexts();
  const { t, word, format } = texts;
  const problemText = useProblemText();
  // Another location that goes or comes changes the rules between sites of this one.
  const { value, setValue } = useBeneath(stored);
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const [testProblem, setTestProblem] = useState<Problem | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fresh = stored.id === "";
  /** What was refused is another matter once something has been changed. */
  const change = (part: Record<string, unknown>) => {
    setValue((now) => ({ ...now, ...part }));
    setProblem(null);
  };
  const told = problem ?? testProblem;
  const wrong = told && typeof told.data.field === "string" ? { field: told.data.field, text: `${placeWords(told.data.field, texts)}: ${problemText(told)}` } : null;
  const hit = new Set(explanation?.stages.flatMap((stage) => (stage.rule ? [stage.rule.split(":")[0] ?? ""] : [])) ?? []);
  const changes = difference(stored, value);
  const api = app.api.admin.locations;
  const refuse = (error: unknown) => {
    const failed = asProblem(error);
    setProblem(failed);
    if (overtaken(failed)) onOvertaken();
  };
  const changed = async () => {
    const { saved } = await savedOnTop(stored, {
      merged: (now: AdminLocation | undefined) => onTop(stored, value, now),
      put: (body, etag) => api.replace(stored.id, body, etag),
      load: async () => (await api.list()).items.find((each) => each.id === stored.id),
    });
    return saved;
  };
  const save = async () => {
    try {
      const saved = await (fresh ? api.create(value) : changed());
      setProblem(null);
      onSaved(saved.id, t("admin.saved", { name: value.name }));
    } catch (error) {
      refuse(error);
    }
  };
  const remove = () => api.remove(stored.id, stored.etag).then(() => onSaved(null, t("admin.removed", { name: stored.name })), refuse);
  const theirs = (problem?.data.theirs as Change[] | undefined) ?? [];
  const grid = { value, onChange: change, wrong };
  return (
    <div className="locations">
      <div className="card pad stack" style={{ gap: 16 }}>
        <Tabs defaultValue="base" keepMounted={false}>
          <Tabs.List mb={16}>
            {(["base", "pbx", "rules", "sites", "more"] as const).map((tab) => <Tabs.Tab key={tab} value={tab}>{t(`location.tab.${tab}`)}</Tabs.Tab>)}
          </Tabs.List>
          <Tabs.Panel value="base"><FieldGrid fields={BASE} {...grid} /></Tabs.Panel>
          <Tabs.Panel value="pbx"><FieldGrid fields={PBX} {...grid} /></Tabs.Panel>
          <Tabs.Panel value="rules">
            <div className="stack" style={{ gap: 24 }}>
              <p className="muted">{t("location.rulesText")}</p>
              {RULE_LISTS.map((name) => (
                <RuleList key={name} name={name} rules={(value[name] as Rule[] | undefined) ?? []} hit={hit} error={wrong?.field.startsWith(name) ? wrong.text : null} onChange={(rules) => change({ [name]: rules })} />
              ))}
            </div>
          </Tabs.Panel>
          <Tabs.Panel value="sites"><p className="muted" style={{ marginBottom: 12 }}>{t("location.sitesText")}</p><FieldGrid fields={SITES} {...grid} /></Tabs.Panel>
          <Tabs.Panel value="more"><FieldGrid fields={MORE} {...grid} /></Tabs.Panel>
        </Tabs>
        {problem && (wrong ? <Notice tone="error">{wrong.text}</Notice> : <FormProblem problem={problem} />)}
        {theirs.length > 0 && <Notice>{t("diff.theirs")} {format.list(theirs.map((each) => word("location", each.key)))}</Notice>}
        {changes.length > 0 && !fresh && <Notice>{t("location.changed", { names: format.list(changes.map((each) => word("location", each.key))) })}</Notice>}
        <div className="row wrap">
          {!fresh && <AskedFirst sure={t("admin.reallyDelete", { name: stored.name })} onSure={() => void remove()} />}
          <span className="grow" />
          {!same(stored, value) && <Button variant="default" onClick={() => change(stored)}>{t("action.undo")}</Button>}
          <Button onClick={() => void save()} disabled={!fresh && same(stored, value)}>{t("action.save")}</Button>
        </div>
      </div>
      <TestBox
        location={value}
        onExplained={(answer, trouble) => {
          setExplanation(answer);
          setTestProblem(trouble);
        }}
      />
    </div>
  );
}
