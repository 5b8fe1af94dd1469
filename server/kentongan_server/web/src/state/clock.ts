// One clock for all running times, held to the centre's: an operator's PC may be minutes wrong.

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { dayStart } from "../format/time.ts";

/** Running times show whole seconds. */
const EVERY_MS = 1_000;

/** A correction below this is the network's delay, not the clock. */
const TOLERANCE_MS = 1_500;

const nowSignal = signal(Date.now());
let offsetMs = 0;

/** The centre's time, Unix ms, redrawn every second. */
export const now: ReadonlySignal<number> = nowSignal;

/** When the centre's day began, Unix ms: what only asks "today?" is not redrawn every second. */
export const today: ReadonlySignal<number> = computed(() => dayStart(nowSignal.value));

/** The centre's time at this instant, Unix ms. */
export function centreNow(): number {
  return Date.now() + offsetMs;
}

/** Takes the centre's time from a tick. */
export function setClock(centreMs: number): void {
  const error = centreMs - centreNow();
  if (Math.abs(error) < TOLERANCE_MS) return;
  offsetMs += error;
  nowSignal.value = centreNow();
}

export function startClock(): void {
  setInterval(() => (nowSignal.value = centreNow()), EVERY_MS);
}
