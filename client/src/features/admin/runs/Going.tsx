/** A run that goes on: how far it is, with a way to stop it. */
import type { Runnable } from "@core/admin/runs";
import type { RunView } from "@core/api/types";
import { useTexts } from "@ui/hooks";
import { RunProgress } from "../RunProgress";

export function Going({ run: { counts }, of, onCancel }: { run: RunView; of: Runnable; onCancel: () => void }) {
  const { t } = useTexts();
  const far = { done: counts.rows, total: counts.total };
  const words = counts.total === 0 ? t("run.rows", { count: counts.rows }) : t(of.what === "export" ? "export.progress" : "run.progress", far);
  return <RunProgress label={t(of.what === "export" ? "export.of" : "run.of", { name: of.name })} {...far} words={words} onCancel={onCancel} />;
}
