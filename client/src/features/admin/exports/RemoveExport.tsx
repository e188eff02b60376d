/** Forgets an export, after saying what stays. */
import type { ExportView } from "@core/api/types";
import { AskedFirst } from "@ui/asking";
import { useApp, useTexts } from "@ui/hooks";

export function RemoveExport({ of, onRemoved, onRefused }: { of: ExportView; onRemoved: () => void; onRefused: (error: unknown) => void }) {
  const app = useApp();
  const { t } = useTexts();
  const remove = () => app.api.admin.exports.remove(of.id, of.etag).then(() => { onRemoved(); app.go("/admin/exports"); }, onRefused);
  return (
    <AskedFirst sure={t("admin.reallyDelete", { name: of.name })} onSure={() => void remove()}>{t("export.removeText")}</AskedFirst>
  );
}
