// Times for people: 24 hours, in the zone of the sites.

/** Every site of this city lies in Western Indonesian Time. */
export const ZONE = "Asia/Jakarta";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** WIB: it knows no summer time. */
const OFFSET_MS = 7 * HOUR_MS;

/** The moment at which a day ("2026-11-22") begins there, Unix ms. */
export function dayBegins(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) - OFFSET_MS;
}

/** The moment at which the day of `atMs` began there, Unix ms. */
export function dayStart(atMs: number): number {
  return Math.floor((atMs + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS;
}

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** "14:03:21" at the sites. */
export function clock(atMs: number): string {
  return clockFormat.format(atMs);
}

/** "22 Nov 2026" at the sites, in the language of `locale`. */
export function date(atMs: number, locale: string): string {
  let format = dateFormats.get(locale);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { timeZone: ZONE, day: "numeric", month: "short", year: "numeric" });
    dateFormats.set(locale, format);
  }
  return format.format(atMs);
}

/** The clock alone for today at the sites, otherwise with the date: "14:03:21", "19 Nov 2026 14:03:21". */
export function moment(atMs: number, nowMs: number, locale: string): string {
  return dayStart(atMs) === dayStart(nowMs) ? clock(atMs) : `${date(atMs, locale)} ${clock(atMs)}`;
}

/** A running time: "0:07", "12:45", "3:02:10"; from a day on "3 hari 4:05:00" with `days` naming them. */
export function elapsed(ms: number, days: (count: number) => string): string {
  const whole = Math.max(0, Math.floor(ms / SECOND_MS) * SECOND_MS);
  const count = Math.floor(whole / DAY_MS);
  const hours = Math.floor((whole % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((whole % HOUR_MS) / MINUTE_MS);
  const seconds = Math.floor((whole % MINUTE_MS) / SECOND_MS);
  const short = `${hours > 0 || count > 0 ? `${hours}:${pad(minutes)}` : minutes}:${pad(seconds)}`;
  return count > 0 ? `${days(count)} ${short}` : short;
}

/** A length with its unit: "85 ms", "1.2 s" ("1,2 s" in Indonesian), "4:05" from a minute on. */
export function length(ms: number, locale: string, days: (count: number) => string): string {
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms >= MINUTE_MS) return elapsed(ms, days);
  const seconds = (ms / SECOND_MS).toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return `${seconds} s`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
