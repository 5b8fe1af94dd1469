// What the centre says in reports: docs/reports.md has the definitions. Lengths are ms.

export interface Percentiles {
  readonly n: number;
  readonly p50_ms: number;
  readonly p90_ms: number;
  readonly p99_ms: number;
}

export interface Group {
  readonly key: string;
  readonly name: string | null;
  readonly cases: number;
  readonly open: number;
  readonly real: number;
  readonly false: number;
  readonly no_one_found: number;
  readonly false_rate: number | null;
  readonly false_causes: readonly { readonly cause: string; readonly count: number }[];
  readonly times: Readonly<Record<string, Percentiles | null>>;
  readonly late: number;
  readonly time_suspect: number;
  readonly apart: number;
  readonly from_arrival: number;
  readonly backwards: number;
}

export interface Summary {
  readonly by: By;
  readonly head: { readonly position: number; readonly hash: string };
  readonly whole: Group;
  readonly groups: readonly Group[];
  readonly left_out: Readonly<Record<string, number>>;
}

export interface Trend {
  readonly through: string | null;
  readonly sum: number | null;
  readonly before: number | null;
  readonly percent: number | null;
  readonly missing: number;
}

export interface CrimeSeries {
  readonly months: readonly { readonly month: string; readonly count: number }[];
  readonly trend: Trend;
}

export interface Crimes {
  readonly city: CrimeSeries & {
    readonly years: readonly { readonly year: number; readonly count: number; readonly percent: number | null; readonly source: string }[];
    readonly sources: readonly string[];
  };
  readonly centre: CrimeSeries;
}

export type By = "site" | "agency" | "category" | "hour";

export const GROUPINGS: readonly By[] = ["site", "agency", "category", "hour"];

/** Stretches that begin with the press. */
export const LEGS = ["acknowledged", "dispatched", "on-scene", "closed"] as const;

const DAY_MS = 86_400_000;

/** The first day that a period leaves out, from the last one that is in it: "2026-12-01" of "2026-11-30"; "" of no date. */
export function dayAfter(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? "" : new Date(at + DAY_MS).toISOString().slice(0, 10);
}

/** The month that is over, by the day at the sites ("2026-11-22"): its first and last day. */
export function lastMonth(today: string): { readonly first: string; readonly last: string } {
  const end = Date.parse(`${today.slice(0, 7)}-01T00:00:00Z`) - DAY_MS;
  const last = new Date(end).toISOString().slice(0, 10);
  return { first: `${last.slice(0, 7)}-01`, last };
}

/** Where a time stands between a tenth of a second and `last`, from 0 to 1, on a logarithmic scale. */
export function along(ms: number, last: number): number {
  const least = 100;
  if (last <= least) return 0;
  return Math.min(1, Math.max(0, Math.log(Math.max(ms, least) / least) / Math.log(last / least)));
}
