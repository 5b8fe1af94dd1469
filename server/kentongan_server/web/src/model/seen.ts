// Which alarms the operator can have seen: an acknowledgement answers those and no others.

import type { Incident } from "./types.ts";

/**
 * How long an alarm must have been on a visible screen before a key can answer it. People need
 * about 250 ms to react to something they expect; a key that comes sooner was meant for something else.
 */
export const SEEN_AFTER_MS = 300;

/** Remembers when each alarm came on screen; all times on one monotonic clock, ms. */
export class Sight {
  private readonly shownAt = new Map<number, number>();
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
    for (const alarm of incident.alarms) {
      if (!this.shownAt.has(alarm.id)) this.shownAt.set(alarm.id, nowMs);
    }
  }

  /** The incident was removed from the console; its alarms need no memory. */
  forget(incident: Incident): void {
    for (const alarm of incident.alarms) this.shownAt.delete(alarm.id);
  }

  /** The newest alarm of the incident that was on screen long enough, or null. */
  newestSeen(incident: Incident, nowMs: number): number | null {
    let newest: number | null = null;
    for (const alarm of incident.alarms) {
      if (this.saw(alarm.id, nowMs) && (newest === null || alarm.id > newest)) newest = alarm.id;
    }
    return newest;
  }

  private saw(alarm: number, nowMs: number): boolean {
    const shownAt = this.shownAt.get(alarm);
    if (shownAt === undefined || this.visibleSince === null) return false;
    return nowMs - Math.max(shownAt, this.visibleSince) >= SEEN_AFTER_MS;
  }
}
