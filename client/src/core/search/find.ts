/** Instant search over what is already here (colleagues, commands), folded and ranked; the server's hits are joined to it later. */
import type { Hit, Person } from "../api/types";
import { looksLikeNumber } from "../phone/dialtext";

/** Lower case without accents; ß and ø are taken apart too. */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ß/g, "ss").replace(/ø/g, "o").replace(/æ/g, "ae").replace(/đ/g, "d");
}

/** A text as it is looked through: folded, whole and in its words. */
interface Looked {
  folded: string;
  parts: string[];
}

const wordsOf = (query: string) => fold(query).split(/\s+/).filter(Boolean);

function looked(text: string): Looked {
  const folded = fold(text);
  return { folded, parts: folded.split(/[\s.,;@()\-/]+/).filter(Boolean) };
}

/** 0 no match; higher is better: every word of the query must begin a word of the text (3 for the first word, 2 else) or be inside (1). */
export function matchScore(query: string, text: string): number {
  return scoreOf(wordsOf(query), looked(text));
}

function scoreOf(words: readonly string[], { folded, parts }: Looked): number {
  if (words.length === 0) return 0;
  let score = 0;
  for (const word of words) {
    if (folded.startsWith(word)) score += 3;
    else if (parts.some((part) => part.startsWith(word))) score += 2;
    else if (folded.includes(word)) score += 1;
    else return 0;
  }
  return score / words.length;
}

/** What is looked through of a colleague, made once: every letter that is typed looks through everybody. */
const lookedPeople = new WeakMap<Person, { name: Looked; around: Looked[] }>();

function lookedPerson(person: Person): { name: Looked; around: Looked[] } {
  let found = lookedPeople.get(person);
  if (!found) {
    const around = [person.department, person.location_name, ...person.group_names].map((text) => looked(text ?? ""));
    found = { name: looked(person.name), around };
    lookedPeople.set(person, found);
  }
  return found;
}

export function findPeople(people: readonly Person[], query: string, limit = 8): Person[] {
  const words = wordsOf(query);
  const digits = looksLikeNumber(query) ? query.replace(/\D/g, "") : "";
  return people
    .map((person) => {
      const byNumber = digits && person.number?.replace(/\D/g, "").startsWith(digits) ? 4 : 0;
      const { name, around } = lookedPerson(person);
      return { person, score: Math.max(byNumber, scoreOf(words, name), ...around.map((text) => scoreOf(words, text) * 0.5)) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.person.name.localeCompare(b.person.name))
    .slice(0, limit)
    .map(({ person }) => person);
}

/** The server's hits without the colleagues that are shown already. */
export function withoutPeople(hits: readonly Hit[], people: readonly Person[]): Hit[] {
  const known = new Set(people.map((person) => person.id));
  return hits.filter((hit) => !(hit.kind === "person" && known.has(hit.id)));
}

const NOT_IN_IT = 1000;
const digitsOf = (text: string) => text.replace(/\D/g, "");
/** The digits that were typed as they stand in a canonical number: without the zeros of a trunk or for abroad. */
const typedDigits = (text: string) => digitsOf(text).replace(/^0+/, "");

/**
 * A hit's numbers, each once, for a contact may have one number as that of its desk and as that of its firm; first those in which what was
 * typed stands nearest to the beginning. Two digits beside a name are rather part of it.
 */
export function numbersOf(hit: Hit, query = ""): Hit["numbers"] {
  const numbers = hit.numbers.filter((number, index) => hit.numbers.findIndex((other) => other.canonical === number.canonical) === index);
  const typed = typedDigits(query);
  if (typed === "" || (hit.reason !== "number" && typed.length < 3)) return numbers;
  const place = (number: Hit["numbers"][number]) => {
    const at = digitsOf(number.canonical).indexOf(typed);
    return at < 0 ? NOT_IN_IT : at;
  };
  return numbers.sort((a, b) => place(a) - place(b));
}

/** Whether every word stands in what is shown of a hit: at the beginning of a word of its lines, or in one of its numbers. */
export function seenIn(hit: Hit, query: string): boolean {
  const shown = `${hit.title} ${hit.subtitle}`;
  const inNumber = (word: string) => !/\p{L}/u.test(word) && hit.numbers.some((number) => digitsOf(number.canonical).includes(typedDigits(word)));
  return query.split(/\s+/).filter(Boolean).every((word) => matchScore(word, shown) >= 2 || inNumber(word));
}

/** The words for why something was found, if what is shown of it does not tell: by its e-mail address, or by what only its page shows. */
export function unseenReason(hit: Hit, query: string): "search.byEmail" | "search.byOther" | null {
  if (hit.reason !== "email" && hit.reason !== "other") return null;
  if (seenIn(hit, hit.meant || query)) return null;
  return hit.reason === "email" ? "search.byEmail" : "search.byOther";
}
