// What stands on a map.

import type { Spot } from "./projection.ts";

/** Something on the map. */
export interface Mark extends Spot {
  readonly key: string;
  readonly name: string;
  readonly look: "site" | "hand" | "ringing" | "picked";
  readonly chosen: boolean;
  /** Who was sent there, and whether they have arrived: units have no positions of their own. */
  readonly unit?: string;
}

/** Whether two maps look alike. */
export function same(left: readonly Mark[], right: readonly Mark[]): boolean {
  return left.length === right.length && left.every((mark, index) => alike(mark, right[index]));
}

function alike(left: Mark, right: Mark | undefined): boolean {
  if (right === undefined) return false;
  const parts: readonly (keyof Mark)[] = ["key", "name", "look", "chosen", "unit", "latitude", "longitude"];
  return parts.every((part) => left[part] === right[part]);
}
