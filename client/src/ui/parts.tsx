/** Small parts: buttons of actions, numbers that dial, notices, empty pages. */
import { dismissRefusals } from "@core/actions/action";
import type { Action } from "@core/actions/action";
import { dial } from "@core/actions/calls";
import type { Problem } from "@core/api/problem";
import type { IconName } from "@core/icons";
import type { Key } from "@core/i18n/translate";
import { clock, millis } from "@core/i18n/format";
import { Button, Kbd, Skeleton, Tooltip } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useAction, useApp, useNow, useProblemText, useTexts } from "./hooks";
import { Icon } from "./Icon";

/** A key combination as it is drawn on keys. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className="row" style={{ gap: 4, display: "inline-flex" }}>
      {keys.split(/(?<=.)[+ ](?=.)/).map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
    </span>
  );
}

interface ActionButtonProps<T> {
  action: Action<T>;
  target: T;
  /** Words instead of the action's own. */
  label?: string;
  title?: Key;
  withLabel?: boolean;
  className?: string;
  pressed?: boolean;
  onDone?: () => void;
  size?: number;
  /** Writes the key under the words. */
  hint?: boolean;
}

/** A button that runs an action; when it cannot run it stays reachable and says why. */
export function ActionButton<T>({ action, target, label, title, withLabel, className = "tool", pressed, onDone, size, hint }: ActionButtonProps<T>) {
  const { t } = useTexts();
  const { run, refusal, pending } = useAction(action, target);
  const why = useId();
  const words = label ?? t(title ?? action.title);
  const reason = refusal ? t(refusal.key, refusal.parameters) : "";
  return (
    <Tooltip
      label={<span className="row">{reason ? `${words}: ${reason}` : words}{action.keys && !reason && <Keys keys={action.keys} />}</span>}
      events={{ hover: true, focus: true, touch: false }}
    >
      <button
        type="button"
        className={className}
        aria-label={words}
        aria-disabled={refusal ? true : undefined}
        aria-busy={pending || undefined}
        aria-pressed={pressed}
        aria-describedby={reason ? why : undefined}
        onClick={(event) => {
          event.stopPropagation();
          if (!refusal) void run().then((done) => done && onDone?.());
        }}
      >
        <Icon name={action.icon} {...(size ? { size } : {})} />
        {withLabel && <span className="label">{words}</span>}
        {hint && <span className="hint" aria-hidden="true">{action.keys}</span>}
        {reason && <span id={why} className="sr">{reason}</span>}
      </button>
    </Tooltip>
  );
}

/** Any number anywhere: a click dials it. */
export function PhoneNumber({ number, display, label }: { number: string; display?: string; label?: string }) {
  const { t } = useTexts();
  const { run, refusal, pending, problem } = useAction(dial, { to: number });
  const problemText = useProblemText();
  const shown = display || number;
  const reason = refusal ? t(refusal.key, refusal.parameters) : problem ? problemText(problem) : "";
  return (
    <Tooltip label={reason || t("call.dialNumber", { number: shown })}>
      <button
        type="button"
        className="phone-number"
        aria-label={label ?? t("call.dialNumber", { number: shown })}
        aria-disabled={refusal ? true : undefined}
        aria-busy={pending || undefined}
        onClick={(event) => {
          event.stopPropagation();
          if (!refusal) void run();
        }}
      >
        {shown}
      </button>
    </Tooltip>
  );
}

/** A clock that runs from `since`. */
export function RunningTime({ since, until }: { since: string; until?: string | null }) {
  const now = useNow();
  return <span className="num">{clock(((until ? millis(until) : now) - millis(since)) / 1000)}</span>;
}

export function Notice({ tone = "plain", children, action }: { tone?: "plain" | "error" | "warning" | "good"; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={`notice ${tone}`} role={tone === "error" ? "alert" : "status"}>
      <Icon name={tone === "good" ? "check" : tone === "plain" ? "info" : "alert"} />
      <span className="grow">{children}</span>
      {action}
    </div>
  );
}

/** Why something was refused, in place, until it is put away. */
export function ProblemNotice({ problem, actionKeys, onRetry }: { problem: Problem; actionKeys?: readonly string[]; onRetry?: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const problemText = useProblemText();
  return (
    <Notice
      tone="error"
      action={
        <>
          {onRetry && problem.retry === "later" && <button type="button" className="tool" onClick={onRetry}>{t("action.retry")}</button>}
          {actionKeys && (
            <button type="button" className="tool" style={{ height: 20, minWidth: 20 }} aria-label={t("action.close")} onClick={() => dismissRefusals(app, actionKeys)}>
              <Icon name="close" size={14} />
            </button>
          )}
        </>
      }
    >
      {problemText(problem)}
      {problem.retry === "ask-admin" && ` ${t("error.askAdmin")}`}
    </Notice>
  );
}

/** The same in a form, brought to whoever pressed its button: in sight, and with the focus where the button has lost it. */
export function FormProblem({ problem }: { problem: Problem }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body || focused.matches(":disabled")) place.current?.focus({ preventScroll: true });
    place.current?.scrollIntoView({ block: "center" });
  }, [problem]);
  return <div ref={place} tabIndex={-1} className="form-problem"><ProblemNotice problem={problem} /></div>;
}

export function EmptyState({ icon, title, children, action }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} size={36} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export function SkeletonRows({ rows = 8, height = 44 }: { rows?: number; height?: number }) {
  const { t } = useTexts();
  return (
    <div className="stack" role="status" aria-label={t("state.loading")}>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={height} radius="sm" />
      ))}
    </div>
  );
}

/** A button for things that are not actions of the core (forms, dialogs). */
export function IconButton({ icon, label, onClick, pressed, className = "tool" }: { icon: IconName; label: string; onClick: () => void; pressed?: boolean; className?: string }) {
  return (
    <Tooltip label={label}>
      <button type="button" className={className} aria-label={label} aria-pressed={pressed} onClick={onClick}>
        <Icon name={icon} />
      </button>
    </Tooltip>
  );
}

export function PrimaryButton({ icon, children, ...rest }: { icon?: IconName; children: ReactNode; onClick?: () => void; type?: "submit" | "button"; loading?: boolean; disabled?: boolean }) {
  return (
    <Button leftSection={icon ? <Icon name={icon} size={16} /> : undefined} {...rest}>
      {children}
    </Button>
  );
}
