// How an incident can end, and why: the centre's table (domain/outcome.py; tests/unit/server/web holds them equal).

export type Outcome = "real" | "false" | "test" | "drill" | "no-one-found" | "duplicate";

export const CAUSES: Readonly<Record<Outcome, readonly string[]>> = {
  real: ["robbery", "theft", "threat", "violence", "fire", "medical", "accident", "disaster", "other"],
  false: ["pressed-by-mistake", "misunderstood", "device-fault", "path-fault", "weather", "prank", "unknown"],
  test: ["announced", "not-announced"],
  drill: ["drill"],
  "no-one-found": ["nobody-there", "gone-on-arrival", "address-not-found"],
  duplicate: ["reported-elsewhere"],
};

const ALL = Object.keys(CAUSES) as Outcome[];

/** The outcomes that an incident can have: a drill ends as nothing else, and nothing else as a drill. */
export function outcomesOf(drill: number): readonly Outcome[] {
  return ALL.filter((outcome) => (outcome === "drill") === (drill !== 0));
}
