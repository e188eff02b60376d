/** A place to drop a file on, or to choose one by a button. */
import { useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { PrimaryButton } from "@ui/parts";
import { type ReactNode, useRef, useState } from "react";

interface DropProps {
  title: string;
  children?: ReactNode;
  /** How the names of the files end, as the input's `accept` takes it. */
  accept: string;
  busy: boolean;
  small?: boolean;
  onFile: (file: File) => void;
}

export function DropZone({ title, children, accept, busy, small, onFile }: DropProps) {
  const { t } = useTexts();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <div
      className="drop" data-small={small || undefined} data-over={over || undefined}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file && !busy) onFile(file);
      }}
    >
      {!small && <Icon name="upload" size={36} />}
      {small ? <strong>{title}</strong> : <h2>{title}</h2>}
      {children && <p className="muted">{children}</p>}
      <input
        ref={input} type="file" accept={accept} hidden aria-label={t("source.chooseFile")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
      <PrimaryButton icon="upload" loading={busy} onClick={() => input.current?.click()}>{t("source.chooseFile")}</PrimaryButton>
    </div>
  );
}
