/** Routes of the sources that fill books. */
import { type Http, seen } from "./http";
import type { Id, LookInput, MapInput, Mode, SourceInput } from "./types";

export function sourceRoutes(http: Http) {
  const at = (source: Id) => `/admin/sources/${encodeURIComponent(source)}` as const;
  return {
    list: () => http.get("/admin/sources").then((page) => page.items),
    kinds: () => http.get("/admin/sources/kinds").then((page) => page.items),
    create: (source: SourceInput) => http.post("/admin/sources", source),
    replace: (id: Id, source: SourceInput, etag: string) => http.put(at(id), source, seen(etag)),
    remove: (id: Id, etag: string) => http.delete(at(id), seen(etag)),
    /** Without saving: whether it answers; what it holds; what rows at hand become. */
    check: (look: LookInput) => http.post("/admin/sources/check", look),
    preview: (look: LookInput) => http.post("/admin/sources/preview", look),
    map: (input: MapInput, signal?: AbortSignal) => http.post("/admin/sources/map", input, signal),
    times: (schedule: string, location_id: Id, signal?: AbortSignal) => http.get("/admin/sources/schedule", { schedule, location_id }, signal).then((page) => page.items),
    upload: (file: File) => {
      const form = new FormData();
      form.append("file", file);
      return http.post("/admin/sources/files", form);
    },
    start: (id: Id, mode: Mode | null) => http.post(`${at(id)}/runs`, { mode }),
    runs: (id: Id) => http.get(`${at(id)}/runs`, { limit: 100 }).then((page) => page.items),
    renewHook: (id: Id) => http.post(`${at(id)}/hook`),
    removeHook: (id: Id) => http.delete(`${at(id)}/hook`),
  };
}
