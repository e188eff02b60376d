/** Who several books have, shown as one: by which rules, what each does, and what was split or joined by hand. */
import { type Counted, countAll } from "@core/admin/duplicates";
import { asProblem, type Problem } from "@core/api/problem";
import type { PairView } from "@core/api/types";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Notice, ProblemNotice, SkeletonRows } from "@ui/parts";
import { Switch } from "@mantine/core";
import { useEffect, useState } from "react";
import { type Pair, Persons } from "./Persons";
import { useBookNames } from "./names";

interface Decided {
  words: string;
  back: () => Promise<unknown>;
}

export default function Duplicates() {
  const app = useApp();
  const { t, word } = useTexts();
  const api = app.api.admin.duplicates;
  const { value, problem, reload } = useLoad(() => api.get(), "duplicates");
  const names = useBookNames();
  const [round, setRound] = useState(0);
  const [counted, setCounted] = useState<Counted | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    countAll((after) => api.effects(after, abort.signal), setCounted).catch(() => undefined);
    return () => abort.abort();
  }, [api, round]);
  const [done, setDone] = useState<Decided | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  const refresh = () => {
    reload();
    setRound((now) => now + 1);
  };
  const attempt = (run: () => Promise<unknown>, after: Decided | null) => run().then(() => { setRefused(null); setDone(after); }, (error: unknown) => setRefused(asProblem(error))).finally(refresh);
  const each = async (pairs: readonly Pair[], run: (pair: Pair) => Promise<unknown>) => {
    for (const pair of pairs) await run(pair);
  };
  const decide = (pairs: readonly Pair[], joined: boolean, words: string) =>
    void attempt(() => each(pairs, ([one, other]) => api.decide(one, other, joined)), { words, back: () => each(pairs, ([one, other]) => api.forget(one, other)) });
  const undo = () => done && void attempt(done.back, { words: t("admin.undone"), back: () => Promise.resolve() });
  return (
    <>
      <header className="page-head"><h1>{t("admin.nav.duplicates")}</h1><p className="muted">{t("duplicates.text")}</p></header>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {refused && <ProblemNotice problem={refused} />}
      {done && <Notice tone="good" action={done.words !== t("admin.undone") && <button type="button" className="tool" onClick={undo}>{t("action.undo")}</button>}>{done.words}</Notice>}
      {!value && !problem && <SkeletonRows rows={4} />}
      {value && (
        <div className="stack" style={{ gap: 16 }}>
          <section className="card pad stack" style={{ gap: 12 }} aria-label={t("duplicates.rules")}>
            <h2>{t("duplicates.rules")}</h2>
            {value.rules.map(({ rule, on }) => {
              const found = counted?.pairs[rule];
              const effect = found === undefined ? "" : t(on ? "duplicates.joins" : "duplicates.wouldJoin", { count: found });
              return <Switch key={rule} label={word("duplicates.rule", rule)} description={effect} checked={on} onChange={(event) => void attempt(() => api.rule(rule, event.currentTarget.checked), null)} />;
            })}
            {counted && !counted.whole && <p className="muted">{t("duplicates.some", { count: counted.lookedAt })}</p>}
          </section>
          <Persons round={round} names={names} onDecide={decide} />
          {value.pairs.length > 0 && <Decisions pairs={value.pairs} names={names} onForget={(pair) => void attempt(() => api.forget(pair.first.contact_id, pair.second.contact_id), { words: t("duplicates.forgotten"), back: () => api.decide(pair.first.contact_id, pair.second.contact_id, pair.joined) })} />}
        </div>
      )}
    </>
  );
}

function Decisions({ pairs, names, onForget }: { pairs: readonly PairView[]; names: (book: string) => string; onForget: (pair: PairView) => void }) {
  const app = useApp();
  const { t, format } = useTexts();
  const people = app.state.replica.state.people;
  const entry = ({ title, book }: PairView["first"]) => (title ? `${title} (${names(book)})` : t("duplicates.gone"));
  return (
    <section className="card pad stack" aria-label={t("duplicates.byHand")}>
      <h2>{t("duplicates.byHand")}</h2>
      <ul className="plain-list">
        {pairs.map((pair) => (
          <li key={`${pair.first.contact_id}|${pair.second.contact_id}`} className="row wrap">
            <span className={`tag ${pair.joined ? "green" : "amber"}`}>{t(pair.joined ? "duplicates.joined" : "duplicates.split")}</span>
            <span className="grow">{entry(pair.first)} – {entry(pair.second)} <span className="muted">{[people[pair.by]?.name, format.moment(pair.at, app.now())].filter(Boolean).join(", ")}</span></span>
            <button type="button" className="chip" onClick={() => onForget(pair)}>{t("duplicates.forget")}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}
