// How long a session still lasts.

/** Time enough to end a call and to come in again at a calm moment, well before the screen goes blind. */
export const ENDS_SOON_MS = 900_000;

/** Whole minutes that are left of a session that ends soon; null before. The last one counts down to 1. */
export function minutesLeft(expiresAtMs: number, nowMs: number): number | null {
  const left = expiresAtMs - nowMs;
  return left > ENDS_SOON_MS ? null : Math.max(1, Math.ceil(left / 60_000));
}
