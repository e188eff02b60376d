/** How far something is that goes on at the server, with a way to stop it. */
import { useTexts } from "@ui/hooks";
import { Progress } from "@mantine/core";

interface ProgressProps {
  label: string;
  done: number;
  /** 0: not known. */
  total: number;
  words: string;
  onCancel?: () => void;
}

export function RunProgress({ label, done, total, words, onCancel }: ProgressProps) {
  const { t } = useTexts();
  const share = total > 0 ? Math.min(100, (100 * done) / total) : 0;
  return (
    <div className="stack run-progress" style={{ gap: 4 }}>
      <Progress value={share || 100} animated aria-label={label} aria-valuetext={words} />
      <div className="row">
        <span className="muted num grow" role="status">{words}</span>
        {onCancel && <button type="button" className="tool" onClick={onCancel}>{t("action.cancel")}</button>}
      </div>
    </div>
  );
}
