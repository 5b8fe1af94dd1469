// What an operator's answer came to: somebody may have pressed again after the look that it is about.

import { owedAlarms } from "./order.ts";
import type { Incident } from "./types.ts";

/** "all": nothing is left to answer; "part": what came since is; "none": what was meant rings on, it was pressed again. */
export type CameTo = "all" | "part" | "none";

/** `meant` are the alarms that the answer was about, `after` the incident as the centre has it since. */
export function cameTo(meant: readonly number[], after: Incident): CameTo {
  const owed = new Set(owedAlarms(after).map(({ id }) => id));
  if (owed.size === 0) return "all";
  return meant.every((id) => owed.has(id)) ? "none" : "part";
}
