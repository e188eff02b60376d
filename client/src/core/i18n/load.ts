/** Fetches the catalogue of a language when it is wanted. */
import type { Locale } from "../api/types";
import type { Catalogue } from "./catalogue";

const LOADERS: Record<Locale, () => Promise<{ default: Catalogue }>> = {
  en: () => import("./en"),
  it: () => import("./it"),
  de: () => import("./de"),
};

export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  return (await LOADERS[locale]()).default;
}
