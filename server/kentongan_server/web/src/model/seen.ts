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

  private saw(alarm: number, nowMs: number): boolean {
    const shown = this.shown.get(alarm);
    if (!shown || this.visibleSince === null) return false;
    return nowMs - Math.max(shown.atMs, this.visibleSince) >= SEEN_AFTER_MS;
  }
}
