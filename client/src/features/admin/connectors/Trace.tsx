/** What went over the link last, for those who have to find out why. */
import { useApp, useLoad, useTexts } from "@ui/hooks";
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
      <ol className="trace">
        {value?.items.map((frame, index) => (
          <li key={`${index}:${frame.at}`} data-sent={frame.sent || undefined}>
            <span className="muted num">{frame.sent ? "→" : "←"} {format.time(frame.at)} {frame.note}</span>
            <pre>{frame.text}</pre>
          </li>
        ))}
      </ol>
    </details>
  );
}
