/** Fetches the catalogue of a language when it is wanted. */
import type { Locale } from "../api/types";
import type { Catalogue, LaterCatalogue } from "./catalogue";

const LOADERS: Record<Locale, () => Promise<{ default: Catalogue }>> = {
  en: () => import("./en"),
  it: () => import("./it"),
  de: () => import("./de"),
};

const LATER: Record<Locale, () => Promise<{ default: LaterCatalogue }>> = {
  en: () => import("./en/later"),
  it: () => import("./it/later"),
  de: () => import("./de/later"),
};

export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  return (await LOADERS[locale]()).default;
}

/** Texts that come with the pages that need them. */
export async function loadLater(locale: Locale): Promise<LaterCatalogue> {
  return (await LATER[locale]()).default;
}
