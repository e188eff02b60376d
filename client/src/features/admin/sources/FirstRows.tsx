/** The first rows of a source as the contacts they become, or why not. */
import type { Contact, LookView, MapView } from "@core/api/types";
import { useTexts } from "@ui/hooks";
import { useReason } from "../runs/words";

export function FirstRows({ look, mapped }: { look: LookView; mapped: MapView | null }) {
  const { t, word } = useTexts();
  const reason = useReason();
  // Rows that could not even be read have no values to map again.
  const rows = look.rows.map((row, index) => (Object.keys(row.values).length > 0 ? (mapped?.rows[index] ?? row) : row));
  const good = rows.filter((row) => row.contact).length;
  const numbers = (contact: Contact) => contact.numbers.map((number, index) => (
    <div key={index} className={number.canonical ? "num" : "num wrong"}>{number.display || number.raw} <span className="muted">{number.canonical ? word("number", number.kind) : t("mapping.noNumber")}</span></div>
  ));
  return (
    <section className="stack">
      <div role="status"><h3>{t("mapping.rowsText", { good, count: rows.length })}</h3></div>
      <div className="table-frame first-rows" role="region" aria-label={t("mapping.rows")} tabIndex={0}>
        <table className="table">
          <thead><tr><th scope="col">#</th><th scope="col">{t("people.name")}</th><th scope="col">{t("contact.company")}</th><th scope="col">{t("mapping.numbers")}</th><th scope="col">{t("contact.mail")}</th></tr></thead>
          <tbody>
            {rows.map(({ contact, problem }, index) => (
              <tr key={index}>
                <td className="num muted row-number">{index + 1}</td>
                {contact
                  ? <><td>{contact.display_name}</td><td>{contact.company !== contact.display_name && contact.company}</td><td>{numbers(contact)}</td><td>{contact.emails.join(", ")}</td></>
                  : <td colSpan={4}><span className="wrong">{problem && reason(problem)}</span></td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
