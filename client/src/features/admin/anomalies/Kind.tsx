/** Impossible events of one kind: in words, how often, and the newest with their bytes. */
import type { AnomalyExample, AnomalyKind } from "@core/api/types";
import { fromBase64, hexDump, readable, textOf } from "@core/bytes";
import { useApp, useTexts } from "@ui/hooks";
import { IconButton } from "@ui/parts";
import { useState } from "react";

/** "Answered: call 77 was never heard of." */
function useWords(): (why: AnomalyKind["why"], particulars: AnomalyExample["particulars"]) => string {
  const { t, word } = useTexts();
  return (why, { what = "", state = "", call = "?", device = "?" }) =>
    t(`anomaly.${why}`, { what: word("anomaly.what", what), state: word("anomaly.state", state), call, device });
}

export function Kind({ kind }: { kind: AnomalyKind }) {
  const app = useApp();
  const { t, format, word } = useTexts();
  const words = useWords();
  const [newest] = kind.examples;
  return (
    <details className="anomaly">
      <summary>
        <strong>{words(kind.why, newest?.particulars ?? {})}</strong>
        <span className="muted num"> {[t("anomaly.times", { count: kind.count }), t("anomaly.last", { time: format.moment(kind.last, app.now()) })].join(" · ")}</span>
      </summary>
      <p className="muted">{[t("anomaly.event", { event: word("anomaly.what", kind.event) }), t("anomaly.first", { time: format.moment(kind.first, app.now()) })].join(" · ")}</p>
      <ol className="trace">{kind.examples.map((example, index) => <Example key={`${example.at}:${index}`} kind={kind} example={example} />)}</ol>
    </details>
  );
}

function Example({ kind, example }: { kind: AnomalyKind; example: AnomalyExample }) {
  const { t, format } = useTexts();
  const words = useWords();
  const [digits, setDigits] = useState(false);
  const { detail } = example.particulars;
  const bytes = fromBase64(example.raw);
  const shown = digits ? hexDump(bytes) : readable(textOf(bytes));
  return (
    <li>
      <div className="row wrap">
        <span className="muted num" title={format.full(example.at)}>{format.time(example.at)}</span>
        <span className="anomaly-words">{words(kind.why, example.particulars)} {detail && t("link.exactly", { message: detail })}</span>
        <span className="muted num">{t("anomaly.bytes", { count: example.size })}</span>
        <button type="button" className="chip" aria-pressed={digits} onClick={() => setDigits(!digits)}>{t("anomaly.hex")}</button>
        <IconButton icon="copy" label={t("action.copy")} onClick={() => void navigator.clipboard?.writeText(digits ? shown : textOf(bytes))} />
      </div>
      {bytes.length === 0 ? <p className="muted">{t("anomaly.noBytes")}</p> : <pre tabIndex={0} data-digits={digits || undefined}>{shown}</pre>}
      {example.size > bytes.length && <p className="muted">{t("anomaly.cut", { count: bytes.length })}</p>}
    </li>
  );
}
