/** What is wrong in the reader's language, what to do, and the server's exact words beside it. */
import type { Action } from "@core/actions/action";
import type { Link, Status } from "@core/api/types";
import type { Key } from "@core/i18n/translate";
import { useAction, useApp, useTexts } from "@ui/hooks";
import { Icon } from "@ui/Icon";
import { ProblemNotice } from "@ui/parts";

type Check = Status["checks"][number];

/** A link that is not up: what is wrong, what helps, and what exactly was said. Nothing for a link without a fault. */
export function LinkFault({ link }: { link: Pick<Link, "code" | "message" | "remedy"> }) {
  const { t, has } = useTexts();
  if (!link.message && !link.code) return null;
  const [what, help] = [`link.${link.code}`, `remedy.${link.code}`];
  const known = has(what);
  return (
    <span className="stack" style={{ gap: 2 }}>
      <span>{known ? t(what) : link.message}</span>
      <strong>{has(help) ? t(help) : link.remedy}</strong>
      {known && link.message && <span className="muted">{t("link.exactly", { message: link.message })}</span>}
    </span>
  );
}

/** When a link that is down is tried again, and a way not to wait for it. */
export function NextTry({ link }: { link: Pick<Link, "id" | "next_try"> }) {
  const app = useApp();
  const { t, format } = useTexts();
  const { run, pending, problem, key } = useAction(tryNow, { id: link.id });
  if (!link.next_try) return null;
  return (
    <span className="row wrap">
      <span className="muted grow">{t("link.nextTry", { time: format.moment(link.next_try, app.now()) })}</span>
      <button type="button" className="chip" aria-busy={pending || undefined} onClick={() => void run()}><Icon name="refresh" size={16} />{t("link.tryNow")}</button>
      {problem && <ProblemNotice problem={problem} actionKeys={[key]} />}
    </span>
  );
}

const tryNow: Action<{ id: string }> = {
  id: "link.tryNow", title: "link.tryNow", icon: "refresh", target: ({ id }) => id, refusal: () => null,
  run: async (app, { id }) => void (await app.api.admin.retryConnector(id)),
};

/** A check by its name, its finding and its remedy. Checks of links are told by `LinkFault`. */
export function useCheckWords() {
  const { t, has } = useTexts();
  return (check: Check) => {
    const [name, help] = [`check.${check.id}`, `remedy.check-${check.id}`];
    const found = (check.level === "ok" ? [`checkok.${check.id}`] : [`checkbad.${check.id}`, `error.${check.code}`]).find(has);
    return {
      title: has(name) ? t(name) : check.title,
      message: found ? t(found as Key, check.data) : check.message,
      remedy: check.level !== "ok" && has(help) ? t(help) : check.remedy,
    };
  };
}

/** The page on which a check can be mended. */
export function pageOf(check: Check): string {
  return check.id.startsWith("connector") ? "/admin/connectors" : check.id.startsWith("ldap") ? "/admin/ldap" : "";
}
