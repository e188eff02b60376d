/** Networks and single addresses of IPv4 and IPv6 as they are typed: good, or what is wrong with them. Pure. */

export type NetworkFault = "address" | "bits" | "empty";

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** RFC 4291 2.2: eight groups, one run of them may be `::`, the last two may be an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2 || !text.includes(":")) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1)?.at(-1) ?? "";
  const mapped = last.includes(".");
  const hex = groups.flat().filter((_, index, all) => !(mapped && index === all.length - 1));
  if (mapped && !isIpv4(last)) return false;
  if (!hex.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = hex.length + (mapped ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

/** Null: it is an address or a network. */
export function networkFault(text: string): NetworkFault | null {
  const typed = text.trim();
  if (!typed) return "empty";
  const [address = "", bits, more] = typed.split("/");
  const most = isIpv4(address) ? 32 : isIpv6(address) ? 128 : 0;
  if (!most || more !== undefined) return "address";
  if (bits === undefined) return null;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? null : "bits";
}

/** What was typed or pasted, cut where people cut: blanks, commas, semicolons, lines. */
export function splitNetworks(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}
