/** What a catalogue of texts is. The English ones are the list of keys. */
import type en from "./en";
import type later from "./en/later";

export type Key = keyof typeof en | LaterKey;
/** Texts of pages that few people open: they come with the page, not with the first load. */
export type LaterKey = keyof typeof later;
/** `by`: the place whose number decides; `count` where it is left out. */
export type Plural = { by?: string; one: string; other: string };
export type Message = string | Plural;
export type Catalogue = Record<keyof typeof en, Message>;
export type LaterCatalogue = Record<LaterKey, Message>;
/** What is loaded by now. */
export type Loaded = Catalogue & Partial<LaterCatalogue>;
