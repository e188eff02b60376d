/** Schedules as people choose them, and as the server writes them. Pure. */

export type Unit = "minutes" | "hours" | "days";
export type Plan =
  | { how: "never" }
  | { how: "every"; count: number; unit: Unit }
  | { how: "daily"; time: string }
  | { how: "weekdays"; time: string }
  | { how: "weekly"; time: string; day: number }
  | { how: "table"; text: string };

const UNITS: Record<string, Unit> = { m: "minutes", h: "hours", d: "days" };
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** What a schedule means; one that is made of more than is offered stays as it is written. */
export function planOf(text: string): Plan {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return { how: "never" };
  const every = /^every (?:(\d+) ?)?(m|h|d)\w*$/.exec(words.join(" "));
  if (every) return { how: "every", count: Number(every[1] ?? 1), unit: UNITS[every[2] ?? "h"] ?? "hours" };
  const [minute = "", hour = "", day, month, weekday = ""] = words;
  if (words.length === 5 && /^\d{1,2}$/.test(minute) && /^\d{1,2}$/.test(hour) && day === "*" && month === "*") {
    const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
    if (weekday === "*") return { how: "daily", time };
    if (weekday === "mon-fri" || weekday === "1-5") return { how: "weekdays", time };
    const number = DAYS.includes(weekday) ? DAYS.indexOf(weekday) : /^[0-7]$/.test(weekday) ? Number(weekday) % 7 : -1;
    if (number >= 0) return { how: "weekly", time, day: number };
  }
  return { how: "table", text };
}

export function textOf(plan: Plan): string {
  if (plan.how === "never") return "";
  if (plan.how === "every") return `every ${plan.count} ${plan.unit}`;
  if (plan.how === "table") return plan.text;
  const [hour = "3", minute = "0"] = plan.time.split(":");
  const day = plan.how === "daily" ? "*" : plan.how === "weekdays" ? "mon-fri" : (DAYS[plan.day] ?? "mon");
  return `${Number(minute)} ${Number(hour)} * * ${day}`;
}

/** Another way of the same schedule, with what is known kept. */
export function withHow(plan: Plan, how: Plan["how"]): Plan {
  const time = "time" in plan ? plan.time : "03:00";
  switch (how) {
    case "never":
      return { how };
    case "every":
      return { how, count: 2, unit: "hours" };
    case "weekly":
      return { how, time, day: 1 };
    case "table":
      return { how, text: textOf(plan) || "0 3 * * *" };
    default:
      return { how, time };
  }
}
