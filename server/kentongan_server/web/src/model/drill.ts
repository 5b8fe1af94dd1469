// What the centre says of drills, and what it takes (domain/drill.py).

import type { Post, Site } from "./types.ts";

export const DRILL_KINDS = ["hold-up", "duress", "medical", "fire"] as const;
export const NAME_LONGEST = 100;
export const MINUTES_MOST = 240;
export const ALARMS_MOST = 50;

export interface DrillAlarm {
  readonly device: string;
  readonly site: Site;
  readonly post: Post | null;
  readonly kind: string;
  readonly due_at_ms: number;
  /** Once it has rung. */
  readonly alarm: number | null;
}

export interface Drill {
  readonly id: number;
  readonly name: string;
  readonly started_by: string;
  readonly started_at_ms: number;
  readonly ends_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly ended_by: string | null;
  readonly alarms: readonly DrillAlarm[];
}

/** A line of the form, as it was typed. */
export interface PlannedAlarm {
  readonly device: string;
  readonly kind: string;
  readonly after: string;
}

export interface NewDrill {
  readonly name: string;
  readonly minutes: number;
  readonly alarms: readonly { readonly device: string; readonly kind: string; readonly in_s: number }[];
}

const SECONDS = 60;

/** What the form asks for; else what is wrong with it. */
export function drillOf(name: string, minutes: string, lines: readonly PlannedAlarm[]): NewDrill | "missing" | "too-late" {
  const length = Number(minutes);
  const alarms = lines.map(({ device, kind, after }) => ({ device, kind, in_s: after.trim() === "" ? NaN : Math.round(Number(after) * SECONDS) }));
  const whole = Number.isInteger(length) && length >= 1 && length <= MINUTES_MOST;
  const known = alarms.every(({ device, in_s }) => device !== "" && in_s >= 0);
  if (name.trim() === "" || !whole || alarms.length === 0 || !known) return "missing";
  if (alarms.some(({ in_s }) => in_s >= length * SECONDS)) return "too-late";
  return { name: name.trim(), minutes: length, alarms };
}
