/** A small panel that opens at a button: items to choose, and fields where there is something to say. Arrow keys move, Esc closes. */
import { Popover, type PopoverProps } from "@mantine/core";
import { cloneElement, type ReactElement, type ReactNode, useState } from "react";
import { Icon } from "./Icon";
import type { IconName } from "@core/icons";
import { useLayer } from "./hooks";

interface PopMenuProps {
  label: string;
  /** The button it opens at. */
  target: ReactElement<{ onClick?: () => void; "aria-expanded"?: boolean; "aria-haspopup"?: "dialog" }>;
  width?: number;
  position?: NonNullable<PopoverProps["position"]>;
  children: (close: () => void) => ReactNode;
}

export function PopMenu({ label, target, width = 260, position = "bottom-start", children }: PopMenuProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const layer = useLayer(open);
  return (
    <Popover {...layer} opened={open} onChange={setOpen} position={position} width={width} trapFocus returnFocus shadow="md" radius="md" transitionProps={{ duration: 80 }}>
      <Popover.Target>{cloneElement(target, { onClick: () => setOpen(!open), "aria-expanded": open, "aria-haspopup": "dialog" })}</Popover.Target>
      <Popover.Dropdown aria-label={label} p={4} onKeyDown={moveFocus} onDoubleClick={(event) => event.stopPropagation()}>{open && children(close)}</Popover.Dropdown>
    </Popover>
  );
}

function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (event.defaultPrevented || event.target instanceof HTMLSelectElement) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(".menu-item:not(:disabled)")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1) + items.length) % items.length]?.focus();
  event.preventDefault();
  event.stopPropagation();
}

interface ItemProps {
  icon?: IconName;
  mark?: ReactNode;
  href?: string;
  disabled?: boolean;
  onClick?: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, mark, href, disabled, onClick, children }: ItemProps) {
  const content = <><span className="menu-mark" aria-hidden="true">{mark ?? (icon && <Icon name={icon} size={16} />)}</span><span className="grow clip">{children}</span></>;
  if (href) return <a className="menu-item" href={href} onClick={onClick}>{content}</a>;
  return <button type="button" className="menu-item" disabled={disabled} onClick={onClick}>{content}</button>;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <p className="menu-label">{children}</p>;
}
