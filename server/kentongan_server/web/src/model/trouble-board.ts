// The order of the board of troubles, and what of a trouble's past is still shown.

import type { Incident, Trouble } from "./types.ts";

/** Restored troubles stay below the open ones for one shift, so that whoever takes over sees what happened. */
export const RESTORED_SHOWN_MS = 12 * 3_600_000;

/** Faults of a button that make presses nobody made. */
const MAKES_PRESSES = new Set(["contact-stuck", "chattering"]);

export function isOpen(trouble: Trouble): boolean {
  return trouble.closed_at_ms === null;
}

export function isOverdue(trouble: Trouble, nowMs: number): boolean {
  const deadline = trouble.deadline_at_ms ?? null;
  return isOpen(trouble) && deadline !== null && deadline <= nowMs;
}

/** The open ones: first what is overdue, then what nobody has taken; in each, what is due first, then the oldest. */
export function openTroubles(troubles: readonly Trouble[], nowMs: number): readonly Trouble[] {
  const due = (trouble: Trouble): number => trouble.deadline_at_ms ?? Number.MAX_SAFE_INTEGER;
  const need = (trouble: Trouble): number => (isOverdue(trouble, nowMs) ? 0 : isFree(trouble) ? 1 : 2);
  return troubles
    .filter(isOpen)
    .sort((left, right) => need(left) - need(right) || due(left) - due(right) || left.opened_at_ms - right.opened_at_ms || left.id - right.id);
}

/** Those that ended lately, the last one first. */
export function restoredTroubles(troubles: readonly Trouble[], nowMs: number): readonly Trouble[] {
  const ended = (trouble: Trouble): number => trouble.closed_at_ms ?? 0;
  return troubles
    .filter((trouble) => !isOpen(trouble) && nowMs - ended(trouble) <= RESTORED_SHOWN_MS)
    .sort((left, right) => ended(right) - ended(left) || right.id - left.id);
}

/** True when the board lacks some, `cut` being whether there may be older rows: what was over a shift ago is not shown anyway. */
export function lacksSome(troubles: readonly Trouble[], cut: boolean, nowMs: number): boolean {
  return cut && troubles.every((trouble) => isOpen(trouble) || nowMs - (trouble.closed_at_ms ?? 0) <= RESTORED_SHOWN_MS);
}

export function isFree(trouble: Trouble): boolean {
  return (trouble.owner ?? null) === null;
}

/** True when a button of the incident has an open fault that may have pressed it. It rings all the same. */
export function mayBeFaulty(incident: Incident, troubles: readonly Trouble[]): boolean {
  const devices = new Set(incident.alarms.map((alarm) => alarm.device));
  return troubles.some((trouble) => isOpen(trouble) && MAKES_PRESSES.has(trouble.kind) && devices.has(trouble.device));
}
