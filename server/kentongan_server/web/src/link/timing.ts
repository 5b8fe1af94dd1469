// When a stream counts as lost, and when to try again: no I/O.

/** The centre ticks every second: two missed ticks and the bar says that it waits. */
export const WAITING_AFTER_MS = 2_200;

/** The bar must be red within 5 s of the last sign of life; a hidden tab's timer may come 1 s late. */
export const STALE_AFTER_MS = 3_500;

/** How often the page looks at its watch. */
export const WATCH_EVERY_MS = 400;

/** Bounds the wait for the response to begin and for each byte after: the centre ticks every second. */
export const SILENCE_LIMIT_MS = 3_000;

const FIRST_RETRY_MS = 250;

/** Longest pause between two attempts: an operator without a stream is blind, so it stays short. */
const LAST_RETRY_MS = 2_000;

/** Pause before attempt `failures + 1`, ms; `random` in 0…1 spreads the consoles of a whole centre. */
export function retryDelay(failures: number, random: number): number {
  const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10));
  return ceiling * (0.5 + 0.5 * random);
}

export type LinkView = "live" | "waiting" | "stale";

/** What the bar shows for a stream last heard `silentMs` ago; never heard counts as waiting, then stale. */
export function linkView(silentMs: number): LinkView {
  if (silentMs >= STALE_AFTER_MS) return "stale";
  return silentMs >= WAITING_AFTER_MS ? "waiting" : "live";
}
