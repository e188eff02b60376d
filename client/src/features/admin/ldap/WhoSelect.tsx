/** Who asks: nobody in particular, a user of the door, a person of this server, anybody of Active Directory. */
import type { Kind } from "@core/api/types";
import { useTexts } from "@ui/hooks";
import { Select } from "@mantine/core";
import type { Option } from "../RecordForm";

interface WhoProps {
  label: string;
  value: { kind: Kind; id: string };
  users: readonly Option[];
  people: readonly Option[];
  onChange: (value: { kind: Kind; id: string }) => void;
}

export function WhoSelect({ label, value, users, people, onChange }: WhoProps) {
  const { t } = useTexts();
  const key = (kind: Kind, id: string) => `${kind}:${id}`;
  const of = (kind: Kind, options: readonly Option[]) => options.map((option) => ({ value: key(kind, option.value), label: option.label }));
  return (
    <Select
      label={label} searchable allowDeselect={false} nothingFoundMessage={t("admin.nothingFound")} value={key(value.kind, value.id)}
      data={[
        { group: t("ldap.general"), items: [{ value: "anonymous:", label: t("ldap.withoutUser") }, { value: "directory:", label: t("ldap.anyDirectory") }] },
        ...(users.length > 0 ? [{ group: t("ldapTab.users"), items: of("user", users) }] : []),
        ...(people.length > 0 ? [{ group: t("admin.nav.people"), items: of("person", people) }] : []),
      ]}
      onChange={(next) => {
        const [kind = "anonymous", ...rest] = (next ?? "anonymous:").split(":");
        onChange({ kind: kind as Kind, id: rest.join(":") });
      }}
    />
  );
}
