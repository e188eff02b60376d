/** What a change in the administration means for people, in words: "3 people lose line 101". */
import { listDifference } from "@core/diff";
import type { AdminGroup, AdminLine, AdminPerson } from "@core/api/types";
import { useTexts } from "@ui/hooks";

type Name = (id: string) => string;
type Ids = readonly string[];

/** For people, groups and lines: before and after; null where there is nothing. */
export function useEffects() {
  const { t, format } = useTexts();
  const names = (ids: readonly unknown[], name: Name) => format.list(ids.map((id) => name(String(id))));

  const ofLine = (before: AdminLine | null, after: AdminLine | null, name: (line: AdminLine) => string): string[] => {
    const { added, removed } = listDifference(before?.user_ids, after?.user_ids);
    const line = before ?? after;
    if (!line) return [];
    return [
      removed.length > 0 && t("effect.loseLine", { count: removed.length, line: name(line) }),
      added.length > 0 && t("effect.getLine", { count: added.length, line: name(line) }),
      !after && t("effect.lineGone", { line: name(line) }),
      after?.private && !before?.private && t("effect.private", { line: name(line) }),
      after && before?.journal && !after.journal && t("effect.noJournal", { line: name(line) }),
    ].filter((words): words is string => Boolean(words));
  };

  const ofGroup = (before: AdminGroup | null, after: AdminGroup | null): string[] => {
    const group = before?.name || after?.name || "";
    const change = (old: Ids | undefined, now: Ids | undefined) => listDifference(old, now);
    const members = change(before?.member_ids, after?.member_ids);
    const leaders = change(before?.leader_ids, after?.leader_ids);
    return [
      members.removed.length > 0 && t("effect.leaveGroup", { count: members.removed.length, group }),
      members.added.length > 0 && t("effect.joinGroup", { count: members.added.length, group }),
      leaders.removed.length > 0 && t("effect.loseLead", { count: leaders.removed.length, group }),
      leaders.added.length > 0 && t("effect.getLead", { count: leaders.added.length, group }),
    ].filter((words): words is string => Boolean(words));
  };

  const ofPerson = (before: AdminPerson | null, after: AdminPerson | null, line: Name, group: Name): string[] => {
    const name = before?.name || after?.name || before?.login || "";
    const lines = listDifference(before?.line_ids, after?.line_ids);
    const groups = listDifference(before?.group_ids, after?.group_ids);
    return [
      !after && t("effect.personGone", { name }),
      lines.removed.length > 0 && t("effect.personLosesLine", { name, lines: names(lines.removed, line) }),
      lines.added.length > 0 && t("effect.personGetsLine", { name, lines: names(lines.added, line) }),
      groups.removed.length > 0 && t("effect.personLeaves", { name, groups: names(groups.removed, group) }),
      groups.added.length > 0 && t("effect.personJoins", { name, groups: names(groups.added, group) }),
      after && before?.active && !after.active && t("effect.signedOut", { name }),
      after?.active && before?.active && after.password && t("effect.newPassword", { name }),
      after?.admin && !before?.admin && t("effect.becomesAdmin", { name }),
      after && before?.admin && !after.admin && t("effect.losesAdmin", { name }),
    ].filter((words): words is string => Boolean(words));
  };

  return { ofLine, ofGroup, ofPerson };
}
