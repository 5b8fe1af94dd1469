// The words of the page of reports. They come with its chunk, so that the desk opens without them.

import { computed } from "@preact/signals";
import { language } from "./index.ts";
import { en } from "./reports.en.ts";
import { id } from "./reports.id.ts";

export interface ReportWords {
  readonly heading: string;
  readonly advice: string;
  readonly first: string;
  readonly last: string;
  readonly by: string;
  readonly groupings: Readonly<Record<string, string>>;
  readonly show: string;
  readonly download: string;
  readonly pdf: string;
  readonly csv: string;
  readonly crimesCsv: string;
  readonly period: (first: string, last: string) => string;
  readonly nothing: string;
  readonly times: string;
  readonly timesNote: string;
  readonly legs: Readonly<Record<string, string>>;
  readonly cases: string;
  readonly columns: {
    readonly cases: string;
    readonly answered50: string;
    readonly answered90: string;
    readonly scene90: string;
    readonly judged: string;
    readonly rate: string;
    readonly causes: string;
  };
  readonly none: string;
  readonly crimes: string;
  readonly city: string;
  readonly centre: string;
  readonly noCity: string;
  readonly noCentre: string;
  readonly year: (year: number, count: string, percent: string) => string;
  readonly source: (names: string) => string;
  readonly trend: (through: string, sum: string, before: string, percent: string) => string;
  readonly noTrend: (missing: number) => string;
  readonly limits: string;
  readonly leftOut: (reasons: string) => string;
  readonly leftNone: string;
  readonly left: Readonly<Record<string, string>>;
  readonly apart: (apart: number, late: number, suspect: number) => string;
  readonly fromArrival: (count: number) => string;
  readonly backwards: (count: number) => string;
  readonly open: (count: number) => string;
  readonly head: (position: string, hash: string) => string;
}

const words = computed<ReportWords>(() => (language.value === "en" ? en : id));

export function sayReports(): ReportWords {
  return words.value;
}
