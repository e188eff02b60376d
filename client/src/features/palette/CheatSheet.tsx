/** Every key on one page, from the same objects that the keys run. */
import { CHEAT_SHEET } from "@core/actions/commands";
import { useApp, useSelect, useTexts } from "@ui/hooks";
import { Keys } from "@ui/parts";
import { Modal } from "@mantine/core";
import "./palette.css";

export function CheatSheet() {
  const app = useApp();
  const { t } = useTexts();
  const open = useSelect((state) => state.cheatSheet);
  return (
    <Modal opened={open} onClose={() => app.store.patch({ cheatSheet: false })} title={t("action.cheatSheet")} size={760} closeButtonProps={{ "aria-label": t("action.close") }}>
      <div className="cheat">
        {CHEAT_SHEET.map((section) => (
          <section key={section.title}>
            <h3>{t(section.title)}</h3>
            <dl>
              {section.rows.map((row) => (
                <div key={row.title + row.keys} className="row"><dt className="grow">{t(row.title)}</dt><dd><Keys keys={row.keys} /></dd></div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
