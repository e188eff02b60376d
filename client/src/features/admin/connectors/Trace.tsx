/** What went over the link last, for those who have to find out why. */
import { readable } from "@core/bytes";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ProblemNotice } from "@ui/parts";
import { useState } from "react";

export function Trace({ id }: { id: string }) {
  const app = useApp();
  const { t, format } = useTexts();
  const [open, setOpen] = useState(false);
  const { value, problem, reload } = useLoad(() => (open ? app.api.admin.trace(id) : Promise.resolve(null)), `${id}|${open}`);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("connector.trace")}</summary>
      {problem && <ProblemNotice problem={problem} onRetry={reload} />}
      {value?.items.length === 0 && <p className="muted">{t("connector.traceEmpty")}</p>}
      {value && value.items.length > 0 && (
        <div className="row">
          <button type="button" className="tool" onClick={reload}><Icon name="refresh" size={16} />{t("connector.traceAgain")}</button>
          <a className="tool" style={{ textDecoration: "none" }} download={`trace-${id}.txt`} href={`data:text/plain;charset=utf-8,${encodeURIComponent(value.items.map((frame) => `${frame.at} ${frame.sent ? ">" : "<"} ${frame.note}\n${readable(frame.text)}\n`).join("\n"))}`}>
            <Icon name="copy" size={16} />{t("connector.traceDownload")}
          </a>
        </div>
      )}
      <ol className="trace" tabIndex={0} aria-label={t("connector.trace")}>
        {value?.items.map((frame, index) => (
          <li key={`${index}:${frame.at}`} data-sent={frame.sent || undefined}>
            <span className="muted num">{frame.sent ? "→" : "←"} {format.second(frame.at)} {frame.note}</span>
            <pre>{readable(frame.text)}</pre>
          </li>
        ))}
      </ol>
    </details>
  );
}
