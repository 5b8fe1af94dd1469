// Plots as plain SVG. What they show stands in words beside them, so they are pictures for those who see.

import { length } from "../format/time.ts";
import { say } from "../i18n/index.ts";
import { sayReports } from "../i18n/reports.ts";
import { along, LEGS, type Group } from "../model/reports.ts";

const WIDTH = 720;
const LABELS = 130;
const VALUES = 140;
const BAR = 12;
const GAP = 3;
const ROW = 3 * (BAR + GAP) + 12;
const MINUTE_MS = 60_000;

/** Three bars for each stretch from the press. */
export function TimesPlot({ group }: { readonly group: Group }) {
  const words = sayReports();
  const { locale, time } = say();
  const last = Math.max(MINUTE_MS, ...LEGS.map((leg) => group.times[leg]?.p99_ms ?? 0));
  const spoken = (ms: number): string => length(ms, locale, time.days);
  return (
    <svg class="plot" viewBox={`0 0 ${WIDTH} ${LEGS.length * ROW}`} role="img" aria-label={describe(group, words.legs, spoken)}>
      {LEGS.map((leg, row) => {
        const found = group.times[leg];
        const bars = found ? ([["p50", found.p50_ms], ["p90", found.p90_ms], ["p99", found.p99_ms]] as const) : [];
        return (
          <g key={leg} transform={`translate(0 ${row * ROW})`}>
            <text class="plot__label" x="0" y={BAR}>
              {words.legs[leg]}
            </text>
            <text class="plot__soft" x="0" y={BAR * 2 + GAP * 2}>
              n = {(found?.n ?? 0).toLocaleString(locale)}
            </text>
            {bars.map(([name, ms], bar) => {
              const wide = Math.max(2, along(ms, last) * (WIDTH - LABELS - VALUES));
              const top = bar * (BAR + GAP);
              return (
                <g key={name}>
                  <rect class={`plot__bar plot__bar--${name}`} x={LABELS} y={top} width={wide} height={BAR} />
                  <text class="plot__value" x={LABELS + wide + 6} y={top + BAR - 2}>
                    {name} {spoken(ms)}
                  </text>
                </g>
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}

function describe(group: Group, legs: Readonly<Record<string, string>>, spoken: (ms: number) => string): string {
  const told = LEGS.map((leg) => {
    const found = group.times[leg];
    return `${legs[leg]}: ${found ? `p50 ${spoken(found.p50_ms)}, p90 ${spoken(found.p90_ms)}, p99 ${spoken(found.p99_ms)}` : "–"}`;
  });
  return told.join("; ");
}

export interface Column {
  readonly label: string;
  readonly value: number;
}

const TALL = 150;
const FLOOR = 24;
const HEAD = 16;

/** Upright bars; with many of them only some have words. */
export function ColumnsPlot({ columns, label }: { readonly columns: readonly Column[]; readonly label: string }) {
  const { locale } = say();
  const most = Math.max(1, ...columns.map(({ value }) => value));
  const step = WIDTH / Math.max(1, columns.length);
  const every = Math.ceil(columns.length / 12);
  const spoken = columns.map((one) => `${one.label}: ${one.value.toLocaleString(locale)}`).join("; ");
  return (
    <svg class="plot" viewBox={`0 0 ${WIDTH} ${TALL}`} role="img" aria-label={`${label}. ${spoken}`}>
      {columns.map((one, place) => {
        const tall = ((TALL - FLOOR - HEAD) * one.value) / most;
        const middle = (place + 0.5) * step;
        const wide = Math.min(40, step * 0.7);
        return (
          <g key={one.label}>
            <rect class="plot__bar plot__bar--p90" x={middle - wide / 2} y={TALL - FLOOR - tall} width={wide} height={tall} />
            {one.value > 0 && step > 18 && (
              <text class="plot__value" text-anchor="middle" x={middle} y={TALL - FLOOR - tall - 4}>
                {one.value.toLocaleString(locale)}
              </text>
            )}
            {place % every === 0 && (
              <text class="plot__soft" text-anchor="middle" x={middle} y={TALL - 6}>
                {one.label}
              </text>
            )}
          </g>
        );
      })}
      <line class="plot__floor" x1="0" x2={WIDTH} y1={TALL - FLOOR} y2={TALL - FLOOR} />
    </svg>
  );
}
