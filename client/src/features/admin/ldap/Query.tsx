/** A query tried out, as a telephone sends it: read, translated, planned, answered. */
import { nameOfBook } from "@core/books";
import { filled } from "@core/admin/ldap";
import { networkFault } from "@core/admin/networks";
import type { Kind, LdapAnswer } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { Overtaking } from "@core/overtaking";
import { useApp, useLoad, useProblemText, useTexts } from "@ui/hooks";
import { ProblemNotice } from "@ui/parts";
import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { Answer } from "./Answer";
import { WhoSelect } from "./WhoSelect";

export function QueryPage() {
  const app = useApp();
  const { t } = useTexts();
  const { value: lists } = useLoad(async () => {
    const read = <T,>(items: Promise<{ items: T[] }>): Promise<T[]> => items.then((page) => page.items, () => []);
    const [nodes, templates, users, people] = await Promise.all([read(app.api.ldap.nodes.list()), read(app.api.ldap.templates.list()), read(app.api.ldap.users.list()), read(app.api.admin.people.list())]);
    const books = await app.api.ldap.books().catch(() => []);
    return { nodes, templates, users, people, books };
  }, "ldap-query");
  const [node, setNode] = useState("");
  const [who, setWho] = useState<{ kind: Kind; id: string }>({ kind: "anonymous", id: "" });
  const [filter, setFilter] = useState("(|(cn=ros*)(sn=ros*))");
  const [address, setAddress] = useState("127.0.0.1");
  const [attributes, setAttributes] = useState("");
  const [limit, setLimit] = useState(50);
  const [sent, setSent] = useState("");
  const [answer, setAnswer] = useState<LdapAnswer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const chosen = lists?.nodes.find((each) => each.id === node) ?? lists?.nodes[0];
  const [order] = useState(() => new Overtaking());
  const ask = async (text: string) => {
    const question = order.ask();
    setBusy(true);
    try {
      const found = await app.api.ldap.test({ filter: text, node: chosen?.id ?? "", ...who, address: address.trim(), attributes: attributes.split(/[\s,]+/).filter(Boolean), limit });
      if (!order.takes(question)) return;
      setAnswer(found);
      setSent(text);
      setProblem(null);
    } catch (error) {
      if (!order.takes(question)) return;
      const found = asProblem(error);
      setProblem(found);
      setAnswer(null);
      const at = found.data.at;
      if (typeof at === "number") {
        field.current?.focus();
        field.current?.setSelectionRange(at, Math.min(at + 1, text.length));
      }
    }
    setBusy(false);
  };
  const take = (text: string) => {
    setFilter(text);
    void ask(text);
  };
  const at = typeof problem?.data.at === "number" ? problem.data.at : null;
  const option = (item: { id: string; name: string }) => ({ value: item.id, label: item.name });
  return (
    <>
      <header className="page-head"><h1>{t("ldapTab.test")}</h1><p className="muted">{t("ldap.testText")}</p></header>
      <div className="ldap-two">
        <form className="card pad stack" style={{ gap: 12 }} onSubmit={(event) => { event.preventDefault(); void ask(filter); }}>
          <div className="two">
            <Select label={t("ldap.node")} allowDeselect={false} data={(lists?.nodes ?? []).map((each) => ({ value: each.id, label: each.name || each.suffix }))} value={chosen?.id ?? null} onChange={(next) => setNode(next ?? "")} />
            <WhoSelect label={t("ldap.bindsAs")} value={who} users={(lists?.users ?? []).map(option)} people={(lists?.people ?? []).map((person) => ({ value: person.id, label: person.name || person.login }))} onChange={setWho} />
          </div>
          <label className="stack" style={{ gap: 4 }}>
            <span className="field-label">{t("ldap.filter")}</span>
            <textarea
              ref={field} className="filter-text" value={filter} spellCheck={false} rows={3} aria-invalid={at !== null || undefined} aria-describedby={at !== null ? "wrong-place" : undefined} onChange={(event) => setFilter(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || event.shiftKey) return;
                event.preventDefault();
                void ask(filter);
              }}
            />
          </label>
          {problem && at !== null && <WrongPlace problem={problem} at={at} text={filter} />}
          {problem && at === null && <ProblemNotice problem={problem} />}
          <details>
            <summary>{t("ldap.more")}</summary>
            <div className="two" style={{ marginTop: 8 }}>
              <TextInput label={t("ldap.fromAddress")} description={t("ldap.fromAddressHelp")} value={address} error={networkFault(address) || address.includes("/") ? t("ldap.network.address", { text: address }) : null} onChange={(event) => setAddress(event.currentTarget.value)} />
              <NumberInput label={t("ldap.most")} description={t("ldap.mostHelp")} value={limit} min={1} max={1000} hideControls onChange={(next) => setLimit(Number(next) || 50)} />
              <TextInput label={t("ldap.attributes")} description={t("ldap.attributesHelp")} value={attributes} spellCheck={false} onChange={(event) => setAttributes(event.currentTarget.value)} />
            </div>
          </details>
          <div className="row wrap"><Button type="submit" style={{ flex: "none" }} loading={busy}>{t("ldap.ask")}</Button><span className="muted">{t("ldap.enterAsks")}</span></div>
          <Examples templates={lists?.templates ?? []} first={chosen?.template_id ?? ""} onTake={take} />
        </form>
        <div>{answer ? <Answer answer={answer} sent={sent} bookName={(id) => nameOfBook(lists?.books ?? [], id, t)} /> : <p className="card pad muted">{t("ldap.testEmpty")}</p>}</div>
      </div>
    </>
  );
}

/** Where the filter goes wrong, marked. */
function WrongPlace({ problem, at, text }: { problem: Problem; at: number; text: string }) {
  const { t } = useTexts();
  const problemText = useProblemText();
  return (
    <div className="notice error stack" role="alert" id="wrong-place">
      <span>{problemText(problem)}</span>
      <span className="wrong-place">{text.slice(0, at)}<mark>{text.slice(at, at + 1) || "␣"}</mark>{text.slice(at + 1)}</span>
      <span>{t("ldap.atCharacter", { place: at + 1 })}</span>
    </div>
  );
}

interface ExamplesProps {
  templates: readonly { id: string; name: string; asks?: string[] }[];
  first: string;
  onTake: (filter: string) => void;
}

/** What telephones of each make send; one click asks it. */
function Examples({ templates, first, onTake }: ExamplesProps) {
  const { t } = useTexts();
  const [make, setMake] = useState<string | null>(null);
  const [name, setName] = useState("ros");
  const [number, setNumber] = useState("0432");
  const asking = templates.filter((template) => (template.asks ?? []).length > 0);
  const chosen = asking.find((template) => template.id === (make ?? first)) ?? asking.find((template) => template.id === "snom") ?? asking[0];
  return (
    <fieldset className="option-list stack" style={{ gap: 8 }}>
      <legend>{t("ldap.examples")}</legend>
      <div className="two">
        <TextInput size="xs" label={t("ldap.typedName")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput size="xs" label={t("ldap.typedNumber")} value={number} inputMode="tel" onChange={(event) => setNumber(event.currentTarget.value)} />
      </div>
      <div className="row wrap" role="group" aria-label={t("ldap.make")}>
        {asking.map((template) => <button key={template.id} type="button" className="chip" aria-pressed={template.id === chosen?.id} onClick={() => setMake(template.id)}>{template.name}</button>)}
      </div>
      <div className="examples">
        {chosen?.asks?.map((ask) => <button key={ask} type="button" className="chip" onClick={() => onTake(filled(ask, name, number))}>{filled(ask, name, number)}</button>)}
      </div>
    </fieldset>
  );
}
