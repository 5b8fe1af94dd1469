// What the centre says of how an incident went, and where to go in it.

export interface Standing {
  readonly state: string;
  readonly owner: string | null;
  readonly rings: boolean;
  readonly alarms: number;
  readonly unanswered: number;
  readonly calls: number;
  readonly dispatched_to: string | null;
  readonly parked_until_ms: number | null;
  readonly outcome: string | null;
  readonly cause: string | null;
}

export interface ReplayStep {
  readonly position: number;
  readonly at_ms: number;
  readonly what: string;
  readonly who: string | null;
  readonly words: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly after: Standing;
}

export interface Replay {
  readonly incident: number;
  readonly steps: readonly ReplayStep[];
  /** It was cut at the centre's limit. */
  readonly more: boolean;
}

const MINUTE_MS = 60_000;

/** The first step that is a minute or more after step `at`; the last one when none is. */
export function minuteOn(steps: readonly ReplayStep[], at: number): number {
  const from = steps[at]?.at_ms ?? 0;
  const found = steps.findIndex((step, index) => index > at && step.at_ms >= from + MINUTE_MS);
  return found === -1 ? Math.max(0, steps.length - 1) : found;
}

/** The last step that is a minute or more before step `at`; the first one when none is. */
export function minuteBack(steps: readonly ReplayStep[], at: number): number {
  const from = steps[at]?.at_ms ?? 0;
  return Math.max(0, steps.findLastIndex((step, index) => index < at && step.at_ms <= from - MINUTE_MS));
}
