/** Dates, times and durations as the reader writes them. All take ISO 8601 or milliseconds. */
import type { Locale } from "../api/types";

export interface Format {
  /** 10:42 */
  time: (when: string | number) => string;
  /** 10:42:07 */
  second: (when: string | number) => string;
  /** Today, Yesterday, Tuesday, 3 March, 3 March 2024 */
  day: (when: string | number, now: number) => string;
  /** Day and time, as short as it can be understood. */
  moment: (when: string | number, now: number) => string;
  /** Full date and time, for tooltips. */
  full: (when: string | number) => string;
  number: (value: number) => string;
  /** How numbers are divided, for fields in which they are typed. */
  separators: { thousandSeparator: string; decimalSeparator: string };
  /** "4 min", "1 h 5 min", "12 s": how long something took. */
  span: (seconds: number) => string;
  list: (items: readonly string[]) => string;
}

const DAY_MS = 86_400_000;

/** Midnight of the reader's day. */
export function startOfDay(when: number): number {
  const date = new Date(when);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** 3:07, 1:02:09: a running clock. Negative differences of clocks show as 0:00. */
export function clock(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = String(total % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

export const millis = (when: string | number): number => (typeof when === "number" ? when : Date.parse(when));

export function formats(locale: Locale): Format {
  const region = locale === "en" ? "en-GB" : locale;
  const with_ = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(region, options);
  const timeFormat = with_({ hour: "2-digit", minute: "2-digit" });
  const secondFormat = with_({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const weekday = with_({ weekday: "long" });
  const dayMonth = with_({ weekday: "short", day: "numeric", month: "long" });
  const dayMonthYear = with_({ day: "numeric", month: "long", year: "numeric" });
  const fullFormat = with_({ dateStyle: "full", timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(region, { numeric: "auto" });
  const numbers = new Intl.NumberFormat(region);
  const lists = new Intl.ListFormat(region, { type: "conjunction" });
  const part = (type: "group" | "decimal") => numbers.formatToParts(12345.6).find((each) => each.type === type)?.value ?? "";
  const capital = (text: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

  const day = (when: string | number, now: number): string => {
    const date = millis(when);
    const days = Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS);
    if (days >= -1 && days <= 1) return capital(relative.format(-days, "day"));
    if (days > 1 && days < 7) return capital(weekday.format(date));
    const sameYear = new Date(date).getFullYear() === new Date(now).getFullYear();
    return capital((sameYear ? dayMonth : dayMonthYear).format(date));
  };
  const time = (when: string | number): string => timeFormat.format(millis(when));
  return {
    time,
    second: (when) => secondFormat.format(millis(when)),
    day,
    moment: (when, now) => (startOfDay(millis(when)) === startOfDay(now) ? time(when) : `${day(when, now)}, ${time(when)}`),
    full: (when) => fullFormat.format(millis(when)),
    number: (value) => numbers.format(value),
    separators: { thousandSeparator: part("group"), decimalSeparator: part("decimal") },
    span: (seconds) => span(seconds),
    list: (items) => lists.format(items),
  };
}

/** The units are the same letters in the three languages. */
function span(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  const minutes = Math.round(total / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
