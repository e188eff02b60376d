/** The own telephones in the top bar: that one forwards or does not disturb is seen at once, and changed in the panel behind it. */
import { groupPickUp } from "@core/actions/own";
import type { Line } from "@core/api/types";
import { ownLines, sameList } from "@core/replica/selectors";
import { type Texts, useSelect, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { OwnLine } from "@ui/OwnLine";
import { ActionButton } from "@ui/parts";
import { PopMenu } from "@ui/PopMenu";

/** What is out of the ordinary on a line, in words; empty when it simply rings. */
function stateOf({ device_status: status, number }: Line, { t, word }: Texts): string[] {
  return [
    !status.in_service && t("line.outOfService"),
    status.do_not_disturb && t("line.dnd"),
    ...status.forwarding.map(({ type, display }) => `${word("forwarding", type)} → ${display}`),
  ].filter((words): words is string => Boolean(words)).map((words) => `${number}: ${words}`);
}

export function OwnLines() {
  const texts = useTexts();
  const { t } = texts;
  const lines = useSelect((state) => ownLines(state.replica.state), sameList);
  if (lines.length === 0) return null;
  const state = lines.flatMap((line) => stateOf(line, texts));
  const first = lines.flatMap((line) => line.device_status.forwarding)[0];
  const quiet = lines.some((line) => line.device_status.do_not_disturb);
  const tone = lines.some((line) => !line.device_status.in_service) ? "red" : quiet ? "violet" : first ? "amber" : "";
  return (
    <PopMenu
      label={t("settings.lines")} position="bottom-end" width={340}
      target={(
        <button type="button" className={`tool own-lines ${tone}`} aria-label={[t("settings.lines"), ...state].join(", ")} title={state.join("\n")} data-testid="own-lines" data-state={tone || undefined}>
          <Icon name={quiet ? "bellOff" : first ? "forward" : "deskPhone"} />
          {first && !quiet && <span className="num clip" aria-hidden="true">{first.display}</span>}
        </button>
      )}
    >
      {(close) => (
        <div className="stack own-lines-panel">
          {lines.map((line) => <OwnLine key={line.id} line={line} />)}
          <ActionButton action={groupPickUp} target={undefined} withLabel className="menu-item" size={16} onDone={close} />
        </div>
      )}
    </PopMenu>
  );
}
