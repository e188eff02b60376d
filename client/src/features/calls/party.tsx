/** Who a call is with, in words of decreasing certainty. */
import type { LineCall, PartyView } from "@core/api/types";
import { partyNumber, partySubtitle, partyTitle } from "@core/replica/selectors";
import { useChosen, useSelect, useTexts } from "@ui/hooks";

/** The country's letters as a sign. Flags are letters too on most desktops, and no flag says a language. */
export function CountrySign({ country }: { country: string }) {
  return /^[A-Za-z]{2}$/.test(country) ? <span className="tag country" aria-hidden="true">{country.toUpperCase()}</span> : null;
}

export function useParty(told: PartyView) {
  const { t, locale } = useTexts();
  const party = useChosen(told);
  const title = partyTitle(party) || (party.restricted ? t("party.withheld") : t("party.unknown"));
  const number = partyNumber(party);
  let country = "";
  if (/^[A-Za-z]{2}$/.test(party.country)) {
    country = new Intl.DisplayNames([locale], { type: "region" }).of(party.country.toUpperCase()) ?? "";
  }
  const known = party.contact_id !== null || party.user_id !== null || party.name !== "" || party.company !== "";
  return { title, subtitle: partySubtitle(party), number: number === title ? "" : number, country, known, contactId: party.contact_id };
}

/** "to 101 Anna Weber · queue Sales · redirected from Ben": how the call came here. */
export function Route({ call }: { call: LineCall }) {
  const { t } = useTexts();
  const line = useSelect((state) => state.replica.state.lines[call.line_id]);
  const redirecting = call.redirecting ? partyTitle(call.redirecting) : "";
  const parts = [
    call.queue && t("banner.queue", { name: call.queue }),
    line && t("banner.line", { name: [line.number, line.name].filter(Boolean).join(" ") }),
    redirecting && t("banner.redirected", { name: redirecting }),
  ].filter(Boolean);
  return <span className="muted">{parts.join(" · ")}</span>;
}
