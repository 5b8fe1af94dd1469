// Steps of an action plan while somebody edits them.

import type { PlanStep } from "./register.ts";

/** The centre's bounds: domain/plan.py. */
export const STEPS_MOST = 30;
export const STEP_LENGTH = 300;
const KEY_LENGTH = 36; // with a number behind it at most 40

/** A key for a new step, made of its English words, that no other step has. */
export function keyFor(words: string, others: readonly PlanStep[]): string {
  const plain = words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, KEY_LENGTH).replace(/-+$/, "") || "step";
  const taken = new Set(others.map((one) => one.key));
  for (let count = 1; ; count += 1) {
    const key = count === 1 ? plain : `${plain}-${count}`;
    if (!taken.has(key)) return key;
  }
}

/** The list with this one moved by one place. */
export function moved<Item>(list: readonly Item[], at: number, by: 1 | -1): readonly Item[] {
  const to = at + by;
  const [one, other] = [list[at], list[to]];
  if (one === undefined || other === undefined) return list;
  return list.map((item, index) => (index === at ? other : index === to ? one : item));
}
