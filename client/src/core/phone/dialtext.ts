/** What people type or hand over to be dialled. The server normalises; this only tells a number from a name and unwraps links. */

const SCHEMES = /^(tel|callto|sip|sips|phone):(\/\/)?/i;
/** Digits, the signs people put between them, spaces of every kind, and letters only as "ext." or "int.". */
const NUMBER = /^\+?[\d\s().\-/*#\u00a0\u2007\u2009\u202f\u2010-\u2013,;]*(?:(?:ext\.?|int\.?|interno|x)\s*\d+)?$/i;

/** The number inside a `tel:` (RFC 3966), `callto:` or `sip:` link, or the text itself, trimmed. Parameters like `;phone-context` go. */
export function unwrapLink(text: string): string {
  let value = text.trim();
  if (!SCHEMES.test(value)) return value;
  value = value.replace(SCHEMES, "");
  try {
    value = decodeURIComponent(value);
  } catch {
    // A stray percent sign: take it as it is.
  }
  const extension = /;ext=(\d+)/i.exec(value)?.[1];
  value = value.replace(/[;?].*$/, "").trim();
  const at = value.indexOf("@");
  if (at >= 0) value = value.slice(0, at);
  return extension ? `${value} ext. ${extension}` : value;
}

/** A prefix and a word for the keypad behind it: "0800-FLOWERS". The server knows which prefixes have words, and which digits they are. */
const WORDS = /^\+?\d(?:[\s().\-/]*\d){2,}[\s().\-/]*[a-z](?:[\s-]?[a-z\d])+$/i;

/** Whether this can be dialled as it stands: at least two digits and nothing that is part of a name. */
export function looksLikeNumber(text: string): boolean {
  const value = unwrapLink(text);
  return NUMBER.test(value) && digitsOf(value).length >= 2;
}

/** Whether this is a number with a word in it; it may be the beginning of a name too. */
export const looksLikeWord = (text: string): boolean => WORDS.test(text.trim()) && /[a-z].*[a-z]/i.test(text) && !looksLikeNumber(text);

const EMERGENCY = /^0?(?:110|112|113|115|118|911|999)$/;

/** Whether a slip of a finger would call the police, an ambulance or the fire brigade, with or without an outside digit. */
export const isEmergency = (text: string): boolean => EMERGENCY.test(digitsOf(unwrapLink(text)));

/** Only what a keypad has. */
export function digitsOf(text: string): string {
  return text.replace(/[^\d*#+]/g, "");
}

/** The `dial` parameter of our own address, put there by the browser for a `tel:` link; null when there is none. */
export function dialFromAddress(search: string): string | null {
  const value = new URLSearchParams(search).get("dial");
  if (value === null) return null;
  // A "+" that was not encoded arrives as a space.
  const repaired = /^(tel:|callto:)? \d/i.test(value) ? value.replace(" ", "+") : value;
  return unwrapLink(repaired) || null;
}

const KEYPAD = "123456789*0#";
export const KEYS = [...KEYPAD];
export const isDtmf = (text: string): boolean => /^[\d*#A-D]+$/i.test(text);
