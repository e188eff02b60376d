/** The kinds of export, to choose one from pictures. */
import { KINDS } from "@core/admin/exportForm";
import type { ExportKind } from "@core/api/types";
import type { Key } from "@core/i18n/translate";
import { useApp, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";

export function ExportKinds({ kinds }: { kinds: readonly Pick<ExportKind, "key">[] }) {
  const app = useApp();
  const { t, word } = useTexts();
  return (
    <ul className="kinds" aria-label={t("export.choose")}>
      {kinds.map(({ key }) => (
        <li key={key}>
          <button type="button" className="plain kind" onClick={() => app.go(`/admin/exports/new/${key}`)}>
            <Icon name={KINDS[key] ?? "file"} size={28} />
            <span><strong>{word("export.kind", key)}</strong><span className="muted">{t(`export.about.${key}` as Key)}</span></span>
          </button>
        </li>
      ))}
    </ul>
  );
}
