/** One or two capitals in place of a picture: the same for the same name, wherever it stands. */

/** Words that begin a family name of several words where they are written with a capital: "Del Fabbro", "Van Dyck". */
const BEGINS = /^(?:D[aei]|D(?:[ae]l|[ae]ll[aeo]|ei|egli)|L[aeio]|El|V[ao]n|Zu[mr]?)$/u;

/** What a firm is by law says nothing about which one it is. */
const LEGAL = /(?<=\S\s(?:.*\s)?)(?:& Co\.?|S\.? ?r\.? ?l|S\.? ?p\.? ?A|s\.? ?n\.? ?c|s\.? ?a\.? ?s|GmbH|AG|KG|OHG|UG|Ltd|LLC|Inc|plc)\.?(?=\s|$)/gu;

/** First name and family name: "Nicolò Del Fabbro" is ND, "Karl von Weber" KW, "Ilaria D'Agostini" ID. Empty where there is no letter or digit. */
export function initialsOf(name: string): string {
  const words = name.replace(LEGAL, "").replace(/['’]/g, "").replace(/[^\p{L}\p{N} ]/gu, " ").split(/\s+/).filter(Boolean);
  const [first = "", ...rest] = words;
  const last = rest.slice(0, -1).find((word) => BEGINS.test(word)) ?? rest.at(-1) ?? "";
  return [first, last].map((word) => [...word][0] ?? "").join("").toUpperCase();
}
