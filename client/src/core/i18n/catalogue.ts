/** What a catalogue of texts is. The English one is the list of keys. */
import type en from "./en";

export type Key = keyof typeof en;
export type Plural = { one: string; other: string };
export type Message = string | Plural;
export type Catalogue = Record<Key, Message>;
