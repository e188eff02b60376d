/** The keys of a fleet: made here, shown once, revoked at once; and what to type into its devices. */
import { FLEET_MAKES, fleetValues } from "@core/admin/fleets";
import type { NewPhoneKey, PhoneFleet, PhoneKey } from "@core/api/types";
import { asProblem, type Problem } from "@core/api/problem";
import { AskedFirst, besides, landing, useLanding } from "@ui/asking";
import { useApp, useTexts } from "@ui/hooks";
import { CopyButton } from "@ui/CopyButton";
import { Icon } from "@ui/Icon";
import { Notice, ProblemNotice } from "@ui/parts";
import { useState } from "react";
import { Values } from "./Values";

export function FleetKeys({ fleet, onChanged }: { fleet: PhoneFleet; onChanged: () => void }) {
  const app = useApp();
  const { t } = useTexts();
  const [keys, setKeys] = useState<readonly PhoneKey[]>(fleet.keys);
  const [name, setName] = useState("");
  const [fresh, setFresh] = useState<NewPhoneKey | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const land = useLanding(keys);
  const attempt = async (run: () => Promise<void>) => {
    try {
      await run();
      setProblem(null);
      onChanged();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  const add = () => attempt(async () => {
    const made = await app.api.ldap.addKey(fleet.id, name.trim());
    setFresh(made);
    setKeys((now) => [made.key, ...now]);
    setName("");
  });
  const revoke = (key: PhoneKey) => attempt(async () => {
    await app.api.ldap.revokeKey(fleet.id, key.id);
    land(...besides(keys, new Set([key.id])), "key-name");
    setKeys((now) => now.filter((each) => each.id !== key.id));
    if (fresh?.key.id === key.id) setFresh(null);
  });
  const make = FLEET_MAKES.find((each) => each.id === fleet.make);
  return (
    <>
      <section className="form-part stack" aria-label={t("ldap.keys")}>
        <h3>{t("ldap.keys")}</h3>
        {keys.length === 0 && <p className="muted">{t("ldap.noKeysText")}</p>}
        {keys.length > 0 && <ul className="plain-list">{keys.map((key) => <OneKey key={key.id} item={key} onRevoke={() => void revoke(key)} />)}</ul>}
        {fresh && (
          <Notice tone="good" action={<CopyButton text={fresh.secret} label={t("ldap.key")} />}>
            <strong>{t("ldap.keyOnce", { name: fresh.key.name })}</strong> <code className="mono" data-testid="fleet-secret">{fresh.secret}</code>
          </Notice>
        )}
        {problem && <ProblemNotice problem={problem} />}
        <div className="row wrap">
          <input
            className="filter grow" style={{ minWidth: 200 }} {...landing("key-name")} aria-label={t("ldap.keyName")} placeholder={t("ldap.keyName")} value={name} onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              if (name.trim()) void add();
            }}
          />
          <button type="button" className="chip chip-tall" disabled={!name.trim()} onClick={() => void add()}><Icon name="plus" size={16} />{t("ldap.addKey")}</button>
        </div>
      </section>
      <section className="form-part stack" aria-label={t("ldap.phone")}>
        <h3>{t("ldap.phone")}</h3>
        {make?.where && <p className="field-label">{make.where}</p>}
        <Values values={fleetValues(fleet.make, location.origin, fleet.address, fresh?.secret ?? "", fleet.key_in_path)} label={t("ldap.phone")} secret={t("ldap.aKey")} />
        {!fresh && <p className="muted">{t("ldap.keyUnknown")}</p>}
      </section>
    </>
  );
}

function OneKey({ item, onRevoke }: { item: PhoneKey; onRevoke: () => void }) {
  const app = useApp();
  const { t, format } = useTexts();
  return (
    <li className="row wrap">
      <strong>{item.name}</strong>
      <span className="muted grow">{t("ldap.keyMade", { when: format.moment(item.created, app.now()) })} · {item.last_used ? t("ldap.keyUsed", { when: format.moment(item.last_used, app.now()) }) : t("ldap.keyNeverUsed")}</span>
      <AskedFirst id={item.id} label={t("ldap.revoke")} name={t("ldap.revokeOne", { name: item.name })} sure={t("ldap.reallyRevoke", { name: item.name })} onSure={onRevoke} />
    </li>
  );
}
