// Values inside the centre's details, whose shapes only their codes tell: what is not as expected becomes "?".

import { clock, date } from "../format/time.ts";

const MS = 1_000;

/** "22 Nov 2026 14:03:21" at the sites. */
export function at(value: unknown, locale: string): string {
  return typeof value === "number" ? `${date(value, locale)} ${clock(value)}` : "?";
}

/** Whole seconds of so many milliseconds, without a sign. */
export function seconds(value: unknown): string {
  return typeof value === "number" ? String(Math.round(Math.abs(value) / MS)) : "?";
}
