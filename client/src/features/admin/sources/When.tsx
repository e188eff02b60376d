/** When a source is read by itself, with the next three times. */
import { type Plan, planOf, textOf, type Unit, withHow } from "@core/admin/schedule";
import { asProblem, type Problem } from "@core/api/problem";
import type { Options, SourceInput } from "@core/api/types";
import { useApp, useProblemText, useTexts } from "@ui/hooks";
import { NativeSelect, NumberInput, Switch, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

const HOW = ["never", "every", "daily", "weekdays", "weekly", "table"] as const;
const UNITS: readonly Unit[] = ["minutes", "hours", "days"];
const DAYS = [1, 2, 3, 4, 5, 6, 0] as const;
/** A Sunday, to name the days by. */
const SUNDAY = Date.UTC(2026, 0, 4, 12);
const DAY_MS = 86_400_000;
const WAIT_MS = 300;

interface WhenProps {
  schedule: string;
  enabled: boolean;
  place: string;
  /** Whose schedule it is, for the words. */
  of: "source" | "export";
  incremental: boolean;
  options: Options;
  onChange: (change: Partial<Pick<SourceInput, "schedule" | "enabled" | "options">>) => void;
}

export function When({ of, schedule, enabled, place, incremental, options, onChange }: WhenProps) {
  const { t, locale } = useTexts();
  const [plan, setPlan] = useState<Plan>(() => planOf(schedule));
  const set = (next: Plan) => {
    setPlan(next);
    onChange({ schedule: textOf(next) });
  };
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  return (
    <section className="card pad stack" style={{ gap: 12 }} aria-label={t(`${of}.part.when`)}>
      <h2>{t(`${of}.part.when`)}</h2>
      <div className="row wrap" style={{ alignItems: "flex-end" }}>
        <NativeSelect label={t("schedule.how")} value={plan.how} data={HOW.map((how) => ({ value: how, label: t(`schedule.${how}`) }))} onChange={(event) => set(withHow(plan, event.target.value as Plan["how"]))} />
        {plan.how === "every" && (
          <>
            <NumberInput label={t("schedule.count")} value={plan.count} min={1} max={999} hideControls w={80} onChange={(count) => set({ ...plan, count: Math.max(1, Number(count) || 1) })} />
            <NativeSelect label={t("schedule.unit")} value={plan.unit} data={UNITS.map((unit) => ({ value: unit, label: t(`schedule.unit.${unit}`) }))} onChange={(event) => set({ ...plan, unit: event.target.value as Unit })} />
          </>
        )}
        {plan.how === "weekly" && (
          <NativeSelect label={t("schedule.day")} value={String(plan.day)} data={DAYS.map((day) => ({ value: String(day), label: weekday.format(SUNDAY + day * DAY_MS) }))} onChange={(event) => set({ ...plan, day: Number(event.target.value) })} />
        )}
        {"time" in plan && <TextInput label={t("schedule.time")} type="time" required withAsterisk={false} value={plan.time} onChange={(event) => event.currentTarget.value && set({ ...plan, time: event.currentTarget.value })} />}
        {plan.how === "table" && <TextInput label={t("schedule.text")} description={t("schedule.textHelp")} value={plan.text} spellCheck={false} onChange={(event) => set({ how: "table", text: event.currentTarget.value })} />}
      </div>
      <Times of={of} schedule={schedule} place={place} />
      <Switch label={t(`${of}.enabled`)} description={t(`${of}.enabledHelp`)} checked={enabled} onChange={(event) => onChange({ enabled: event.currentTarget.checked })} />
      {incremental && <NumberInput label={t("source.fullAfter")} description={t("source.fullAfterHelp")} value={options.full_after_days ?? 7} min={0} max={365} maw={320} hideControls onChange={(days) => onChange({ options: { ...options, full_after_days: Number(days) || 0 } })} />}
    </section>
  );
}

/** The next times in words, or what is wrong with the schedule. */
function Times({ of, schedule, place }: Pick<WhenProps, "of" | "schedule" | "place">) {
  const app = useApp();
  const { t, format } = useTexts();
  const problemText = useProblemText();
  const [times, setTimes] = useState<string[] | Problem>([]);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      app.api.admin.sources.times(schedule, place, abort.signal).then(setTimes, (error: unknown) => !abort.signal.aborted && setTimes(asProblem(error)));
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [app, schedule, place]);
  if (!Array.isArray(times)) return <p className="wrong" role="status">{problemText(times)}</p>;
  return <p className="muted" role="status" data-testid="next-times">{times.length === 0 ? t(`${of}.onDemand`) : t("schedule.next", { times: format.list(times.map((time) => format.moment(time, app.now()))) })}</p>;
}
