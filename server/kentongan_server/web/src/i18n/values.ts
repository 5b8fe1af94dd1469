// Values inside the centre's details, whose shapes only their codes tell: what is not as expected becomes "?".

import { bytes, rupiah } from "../format/size.ts";
import { clock, date } from "../format/time.ts";

const MS = 1_000;
const UNKNOWN = "?";

/** "22 Nov 2026 14:03:21" at the sites. */
export function at(value: unknown, locale: string): string {
  return typeof value === "number" ? `${date(value, locale)} ${clock(value)}` : UNKNOWN;
}

/** "22 Nov 2026" of "2026-11-22". */
export function day(value: unknown, locale: string): string {
  const at = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? UNKNOWN : date(at, locale);
}

/** Seconds of so many milliseconds, without a sign; below ten with a tenth. */
export function seconds(value: unknown): string {
  if (typeof value !== "number") return UNKNOWN;
  const whole = Math.abs(value) / MS;
  return whole < 10 && !Number.isInteger(whole) ? whole.toFixed(1) : String(Math.round(whole));
}

export function size(value: unknown, locale: string): string {
  return typeof value === "number" ? bytes(value, locale) : UNKNOWN;
}

export function money(value: unknown, locale: string): string {
  return typeof value === "number" ? rupiah(value, locale) : UNKNOWN;
}

/** The word for a code; one without a word is shown as it is. */
export function word(words: Readonly<Record<string, string>>, code: unknown): string {
  return words[String(code)] ?? String(code);
}
