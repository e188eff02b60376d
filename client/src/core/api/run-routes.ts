/** Routes of runs, whether of a source or of an export. */
import type { Http } from "./http";
import type { Id } from "./types";

export function runRoutes(http: Http) {
  const at = (id: Id) => `/admin/runs/${encodeURIComponent(id)}` as const;
  return {
    get: (id: Id) => http.get(at(id)),
    report: (id: Id) => http.get(`${at(id)}/report`),
    confirm: (id: Id) => http.post(`${at(id)}/confirm`),
    refuse: (id: Id) => http.post(`${at(id)}/refuse`),
    cancel: (id: Id) => http.post(`${at(id)}/cancel`),
  };
}
