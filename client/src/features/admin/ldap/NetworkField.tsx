/** Networks and addresses, each checked as it is typed. */
import { type NetworkFault, networkFault, splitNetworks } from "@core/admin/networks";
import { useTexts } from "@ui/hooks";
import { IconButton } from "@ui/parts";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";

interface FieldProps {
  label: string;
  help: string;
  value: readonly string[];
  onChange: (value: string[]) => void;
  error?: string | null;
  /** What it means that there is none. */
  none: string;
  children?: ReactNode;
}

export function NetworkField({ label, help, value, onChange, error, none, children }: FieldProps) {
  const { t } = useTexts();
  const [typed, setTyped] = useState("");
  const id = useId();
  const faults = splitNetworks(typed).map((text) => ({ text, fault: networkFault(text) })).filter((each): each is { text: string; fault: NetworkFault } => each.fault !== null);
  const take = () => {
    const good = splitNetworks(typed).filter((text) => networkFault(text) === null);
    if (good.length > 0) onChange([...new Set([...value, ...good])]);
    setTyped(faults.map(({ text }) => text).join(" "));
  };
  const input = useRef<HTMLInputElement>(null);
  const wrong = faults.map(({ text, fault }) => t(`ldap.network.${fault}`, { text })).join(" ") || error;
  // What is typed and cannot be taken keeps the form from being saved without it.
  useEffect(() => input.current?.setCustomValidity(faults.length > 0 ? (wrong ?? "") : ""));
  return (
    <div className="stack" style={{ gap: 4 }}>
      <label className="field-label" htmlFor={id}>{label}</label>
      <span id={`${id}-help`} className="field-help">{help}</span>
      {value.length > 0 ? (
        <ul className="token-list" aria-label={label}>
          {value.map((network) => (
            <li key={network} data-wrong={networkFault(network) ? true : undefined}>
              <span className="mono">{network}</span>
              <IconButton icon="close" label={t("ldap.takeAway", { name: network })} onClick={() => onChange(value.filter((each) => each !== network))} />
            </li>
          ))}
        </ul>
      ) : <span className="muted">{none}</span>}
      <input
        ref={input} id={id} className="filter" style={{ width: "100%", boxSizing: "border-box" }} value={typed} spellCheck={false} autoComplete="off" placeholder="192.168.1.0/24, 2001:db8::/32"
        aria-invalid={wrong ? true : undefined} aria-describedby={`${id}-help${wrong ? ` ${id}-wrong` : ""}`}
        onChange={(event) => setTyped(event.target.value)} onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "," || event.key === " ") {
            event.preventDefault();
            take();
          } else if (event.key === "Backspace" && typed === "" && value.length > 0) onChange(value.slice(0, -1));
        }}
      />
      {wrong && <span id={`${id}-wrong`} className="field-error" role="alert">{wrong}</span>}
      {children}
    </div>
  );
}
