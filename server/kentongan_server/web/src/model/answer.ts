// What an operator's answer came to: somebody may have pressed again after the look that it is about.

import { owedAlarms, ringsNow } from "./order.ts";
import type { Incident } from "./types.ts";

/**
 * The newer of an incident as it was read and as an act answered it; null when neither is of this incident. Compared by
 * the feed, because a note or a call adds to the history and leaves the version as it was.
 */
export function newerOf<Told extends Pick<Incident, "id" | "position">>(id: number, read: Told | null, acted: Told | null): Told | null {
  const [one, other] = [read, acted].map((told) => (told?.id === id ? told : null));
  if (!one || !other) return one ?? other ?? null;
  return other.position >= one.position ? other : one;
}

/** "all": nothing is left to answer; "part": what came since is; "none": what was meant rings on, it rang again. */
export type CameTo = "all" | "part" | "none";

/** `meant` are the alarms that the answer was about, `after` the incident as the centre has it since. */
export function cameTo(meant: readonly number[], after: Incident): CameTo {
  const owed = new Set(owedAlarms(after).map(({ id }) => id));
  // A call has no alarm that rings: it is a reminder, which began after the look.
  if (owed.size === 0) return ringsNow(after) ? "none" : "all";
  return meant.every((id) => owed.has(id)) ? "none" : "part";
}
