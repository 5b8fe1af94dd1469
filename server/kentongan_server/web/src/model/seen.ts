// Which alarms the operator can have seen: an acknowledgement answers those and no others.

import { rings } from "./order.ts";
import type { Incident } from "./types.ts";

/**
 * How long an alarm must have been on a visible screen before a key can answer it. People need
 * about 250 ms to react to something they expect; a key that comes sooner was meant for something else.
 */
export const SEEN_AFTER_MS = 300;

/** Remembers when each alarm came on screen; all times on one monotonic clock, ms. */
export class Sight {
  /** By alarm: when it came on screen as it is now, ringing or not. */
  private readonly shown = new Map<number, { readonly ringing: boolean; readonly atMs: number }>();
  /** By incident: since when it has stood there with this many presses, and what was seen before that. */
  private readonly pressed = new Map<number, { readonly count: number; readonly position: number; readonly atMs: number; readonly seen: number }>();
  private visibleSince: number | null;

  constructor(visible: boolean, nowMs: number) {
    this.visibleSince = visible ? nowMs : null;
  }

  /** The page came to the front or went away. */
  visibility(visible: boolean, nowMs: number): void {
    this.visibleSince = visible ? (this.visibleSince ?? nowMs) : null;
  }

  /** An incident was drawn with these alarms. */
  drawn(incident: Incident, nowMs: number): void {
    const { count, position } = incident;
    const last = this.pressed.get(incident.id);
    const still = last?.count === count;
    this.pressed.set(incident.id, {
      count,
      position,
      atMs: still ? last.atMs : nowMs,
      seen: still ? last.seen : this.positionSeen(incident, nowMs),
    });
    for (const alarm of incident.alarms) {
      const ringing = rings(alarm);
      const before = this.shown.get(alarm.id);
      // One that was answered and rings again is as new as one that was never there.
      if (!before || (ringing && !before.ringing)) this.shown.set(alarm.id, { ringing, atMs: nowMs });
      else if (!ringing && before.ringing) this.shown.set(alarm.id, { ringing, atMs: before.atMs });
    }
  }

  /** The newest alarm of the incident that was on screen long enough, or null. */
  newestSeen(incident: Incident, nowMs: number): number | null {
    let newest: number | null = null;
    for (const alarm of incident.alarms) {
      if (this.saw(alarm.id, nowMs) && (newest === null || alarm.id > newest)) newest = alarm.id;
    }
    return newest;
  }

  /** The feed position up to which presses of the incident were on screen long enough; 0 when none were. */
  positionSeen(incident: Incident, nowMs: number): number {
    const last = this.pressed.get(incident.id);
    if (!last) return 0;
    return this.longEnough(last.atMs, nowMs) ? last.position : last.seen;
  }

  private saw(alarm: number, nowMs: number): boolean {
    const shown = this.shown.get(alarm);
    return shown !== undefined && this.longEnough(shown.atMs, nowMs);
  }

  private longEnough(sinceMs: number, nowMs: number): boolean {
    return this.visibleSince !== null && nowMs - Math.max(sinceMs, this.visibleSince) >= SEEN_AFTER_MS;
  }
}
