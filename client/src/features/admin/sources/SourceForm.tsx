/** One source from its settings to its schedule: try it, look at what it holds, map it, save it, read it. */
import { drafted } from "@core/admin/mapping";
import { overtaken, savedOnTop } from "@core/saving";
import { schemaFields } from "@core/admin/schema";
import { bodyOf, draftOf, type Handed, readsFile } from "@core/admin/sourceForm";
import { asProblem } from "@core/api/problem";
import type { Key } from "@core/i18n/translate";
import type { LookView, Mode, SourceKind, SourceView } from "@core/api/types";
import { landing } from "@ui/asking";
import { useApp, useLoad, useTexts } from "@ui/hooks";
import { Notice, ProblemNotice } from "@ui/parts";
import { Button } from "@mantine/core";
import { Fragment, useEffect, useMemo, useRef, useState } from "react";
import { useAnswer } from "../answer";
import { useDraft } from "../draft";
import { Connection } from "./Connection";
import { Mapping } from "./Mapping";
import { RemoveSource } from "./RemoveSource";
import { Safety } from "./Safety";
import { Target } from "./Target";
import { When } from "./When";

interface FormProps {
  source: SourceView | null;
  kind: SourceKind;
  handed?: Handed | null;
  /** What is stored is another than it was: saved here, or by somebody else. */
  onChanged: () => void;
}

/** Where in the form a value stands, if not in the first part. */
const PARTS: Readonly<Record<string, Key>> = {
  name: "source.name", mapping: "source.part.columns", link: "source.link", location_id: "people.location", schedule: "source.part.when", enabled: "source.part.when", options: "source.part.safety",
};
const AGAIN_MS = 500;
const TRIES = 120;

/** Starts a run; what saving has started (contacts made anew by another mapping) is waited for. */
async function begun(start: () => Promise<{ id: string }>): Promise<{ id: string }> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (asProblem(error).code !== "already-running" || tries === TRIES) throw error;
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

export function SourceForm({ source, kind, handed = null, onChanged }: FormProps) {
  const app = useApp();
  const { t, format } = useTexts();
  const api = app.api.admin.sources;
  const fields = useMemo(() => schemaFields(kind.settings), [kind]);
  const drawn = (from: SourceView | null) => draftOf(from, kind.key, fields, handed);
  const stored = useMemo(() => draftOf(source, kind.key, fields, handed), [source, kind, fields, handed]);
  const { draft, filled, change, merged, theirs, land, fill } = useDraft(stored, bodyOf);
  const { settings, rules } = draft;
  const [look, setLook] = useState<LookView | null>(null);
  const { problem, said, say, accept, refuse } = useAnswer(onChanged);
  const [busy, setBusy] = useState<"look" | "save" | "">("");
  const { value: locations } = useLoad(() => app.api.admin.locations.list(), "locations");
  const place = draft.location_id || (source ? "" : (locations?.items[0]?.id ?? ""));
  const attempt = async (what: "look" | "save", run: () => Promise<void>) => {
    setBusy(what);
    say("");
    try {
      await run();
      accept();
    } catch (error) {
      if (overtaken(refuse(error))) land("save");
    }
    setBusy("");
  };
  const lookAt = (by = settings) => attempt("look", async () => {
    const seen = await api.preview({ kind: kind.key, settings: by, location_id: place, ...(source ? { id: source.id } : {}) });
    setLook(seen);
    change((now) => (now.rules.length > 0 ? {} : { rules: drafted(seen.suggested) }));
  });
  const looked = useRef(false);
  useEffect(() => {
    // A file is at hand: nobody else is asked by looking at it.
    if (!looked.current && readsFile(fields) && typeof settings.file === "string" && settings.file && !settings.file.includes("://")) {
      looked.current = true;
      void lookAt();
    }
  });
  const setting = (key: string, value: unknown) => {
    change((now) => ({ settings: { ...now.settings, [key]: value } }));
    if (key === "file") setLook(null);
  };
  const save = (then: Mode | "run" | null) => attempt("save", async () => {
    const body = { ...bodyOf(draft), location_id: place };
    const { sent, saved } = source
      ? await savedOnTop(source, {
          merged: (now) => merged(now && drawn(now)),
          put: (wanted, etag) => api.replace(source.id, wanted, etag),
          load: async () => (await api.list()).find((each) => each.id === source.id),
        })
      : { sent: body, saved: await api.create({ ...body, book: draft.book.trim() || body.name }) };
    if (source) fill(drawn(saved), sent);
    const base = `/admin/sources/${encodeURIComponent(saved.id)}`;
    onChanged();
    if (then) app.go(`${base}/runs/${(await begun(() => api.start(saved.id, then === "run" ? null : then))).id}`);
    else if (source) say(t("admin.saved", { name: saved.name }));
    else app.go(base);
  });
  const wrong = typeof problem?.data.field === "string" ? problem.data.field : "";
  const ready = draft.name.trim() !== "" && rules.length > 0;
  return (
    <form className="stack source-form" style={{ gap: 24 }} onSubmit={(event) => { event.preventDefault(); void save(source ? null : "dry"); }}>
      <Fragment key={filled}>
        <Connection kind={kind} fields={fields} source={source} values={settings} handed={handed} location={place} problem={problem} onChange={setting} onFile={(file) => { setting("file", file); looked.current = true; void lookAt({ ...settings, file }); }} name={draft.name} onName={(name) => change({ name })} />
        <Mapping look={look} busy={busy === "look"} rules={rules} place={place} link={draft.link} onLook={() => void lookAt()} onRules={(next) => change({ rules: next })} />
        <Target source={source} draft={draft} place={place} locations={locations?.items ?? []} look={look} onChange={change} wrong={wrong} />
        <When of="source" schedule={draft.schedule} enabled={draft.enabled} place={place} incremental={kind.incremental} options={draft.options} onChange={change} />
        <Safety source={source} options={draft.options} onChange={(options) => change({ options })} onHook={onChanged} />
      </Fragment>
      {problem && <ProblemNotice problem={problem} />}
      {theirs.length > 0 && <Notice>{t("diff.theirs")} {format.list([...new Set(theirs.map((key) => t(PARTS[key] ?? "source.part.where")))])}</Notice>}
      {said && <Notice tone="good">{said}</Notice>}
      <div className="row wrap source-foot">
        {source && <RemoveSource source={source} onRefused={refuse} />}
        <span className="foot-rest" />
        {!ready && <span className="muted">{t(rules.length === 0 ? "source.lookFirst" : "source.nameFirst")}</span>}
        <Button variant="default" {...landing("save")} loading={busy === "save"} disabled={!ready} onClick={() => void save(null)}>{t("action.save")}</Button>
        <Button variant={source ? "default" : "filled"} type="button" disabled={!ready || busy === "save"} onClick={() => void save("dry")}>{t("source.saveDry")}</Button>
        <Button variant={source ? "filled" : "default"} type="button" disabled={!ready || busy === "save"} onClick={() => void save("run")}>{t("source.saveRun")}</Button>
      </div>
    </form>
  );
}
