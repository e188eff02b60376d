/** Routes of the exports of contacts into files and other directories. */
import { type Http, seen } from "./http";
import type { ExportInput, Id } from "./types";

export function exportRoutes(http: Http) {
  const at = (id: Id) => `/admin/exports/${encodeURIComponent(id)}` as const;
  return {
    list: () => http.get("/admin/exports"),
    kinds: () => http.get("/admin/exports/kinds"),
    create: (input: ExportInput) => http.post("/admin/exports", input),
    replace: (id: Id, input: ExportInput, etag: string) => http.put(at(id), input, seen(etag)),
    remove: (id: Id, etag: string) => http.delete(at(id), seen(etag)),
    /** Without saving: whether the other directory answers; the first contacts as they would leave. */
    check: (input: ExportInput) => http.post("/admin/exports/check", input),
    preview: (input: ExportInput, signal?: AbortSignal) => http.post("/admin/exports/preview", input, signal),
    start: (id: Id, dry: boolean) => http.post(`${at(id)}/runs`, { dry }),
    runs: (id: Id) => http.get(`${at(id)}/runs`, { limit: 100 }).then((page) => page.items),
    /** Where the last good file is downloaded from. */
    fileUrl: (id: Id) => `/api/v1${at(id)}/file`,
  };
}
