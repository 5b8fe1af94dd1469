// What the operator can have seen of an incident: an act names that version, and an answer covers no more.

import { rings } from "./order.ts";
import type { Incident } from "./types.ts";

/**
 * How long something must have been on a visible screen before a key can answer it. People need
 * about 250 ms to react to something they expect; a key that comes sooner was meant for something else.
 */
export const SEEN_AFTER_MS = 300;

/** How much of what an incident asks for an answer now would cover. */
export type Answerable = "none" | "some" | "all";

/** Of so many incidents it is remembered what was drawn; then those are forgotten that the console does not hold any more. */
export const STANDS_MOST = 2_000;

interface Shown {
  readonly incident: number;
  readonly ringing: boolean;
  readonly atMs: number;
}

interface Stand {
  /** Which signals stand there: a new one makes another of it. */
  readonly signals: string;
  /** The newest version that was drawn with these signals. */
  readonly version: number;
  readonly atMs: number;
  /** The version that had been seen before these signals came. */
  readonly seen: number;
}

/** Remembers when what came on screen; all times on one monotonic clock, ms. */
export class Sight {
  /** By alarm: when it came on screen as it is now, ringing or not. */
  private readonly shown = new Map<number, Shown>();
  private readonly stands = new Map<number, Stand>();
  private visibleSince: number | null;
  private forgetAt = STANDS_MOST;

  /** `holds`: whether the console still holds this incident. */
  constructor(
    visible: boolean,
    nowMs: number,
    private readonly holds: (incident: number) => boolean = () => true,
  ) {
    this.visibleSince = visible ? nowMs : null;
  }

  /** The page came to the front or went away. */
  visibility(visible: boolean, nowMs: number): void {
    this.visibleSince = visible ? (this.visibleSince ?? nowMs) : null;
  }

  /** An incident was drawn as it is. */
  drawn(incident: Incident, nowMs: number): void {
    const { version } = incident;
    const signals = signalsOf(incident);
    const last = this.stands.get(incident.id);
    const still = last?.signals === signals;
    this.stands.set(incident.id, {
      signals,
      version,
      atMs: still ? last.atMs : nowMs,
      seen: still ? last.seen : this.versionSeen(incident.id, nowMs),
    });
    for (const alarm of incident.alarms) {
      const ringing = rings(alarm);
      const before = this.shown.get(alarm.id);
      // One that was answered and rings again is as new as one that was never there.
      if (!before || (ringing && !before.ringing)) this.shown.set(alarm.id, { incident: incident.id, ringing, atMs: nowMs });
      else if (!ringing && before.ringing) this.shown.set(alarm.id, { incident: incident.id, ringing, atMs: before.atMs });
    }
    if (this.stands.size > this.forgetAt) this.forget();
  }

  /** How many incidents and alarms are remembered. */
  get size(): number {
    return this.stands.size + this.shown.size;
  }

  private forget(): void {
    for (const id of this.stands.keys()) if (!this.holds(id)) this.stands.delete(id);
    for (const [alarm, { incident }] of this.shown) if (!this.holds(incident)) this.shown.delete(alarm);
    this.forgetAt = Math.max(STANDS_MOST, 2 * this.stands.size);
  }

  /** The version of the incident that was on screen long enough; 0 when none was. */
  versionSeen(incident: number, nowMs: number): number {
    const last = this.stands.get(incident);
    if (!last) return 0;
    return this.longEnough(last.atMs, nowMs) ? last.version : last.seen;
  }

  /** How much of what waits for an answer has been on screen long enough. */
  answerable(incident: Incident, nowMs: number): Answerable {
    const last = this.stands.get(incident.id);
    if (last && last.signals === signalsOf(incident) && this.longEnough(last.atMs, nowMs)) return "all";
    const saw = incident.alarms.some((alarm) => rings(alarm) && this.saw(alarm.id, nowMs));
    return saw && this.versionSeen(incident.id, nowMs) > 0 ? "some" : "none";
  }

  private saw(alarm: number, nowMs: number): boolean {
    const shown = this.shown.get(alarm);
    return shown !== undefined && this.longEnough(shown.atMs, nowMs);
  }

  private longEnough(sinceMs: number, nowMs: number): boolean {
    return this.visibleSince !== null && nowMs - Math.max(sinceMs, this.visibleSince) >= SEEN_AFTER_MS;
  }
}

/** Changes with every press, every repeat, when an incident begins to remind, and when that is of duress. */
function signalsOf({ count, newest_alarm, reminding, category }: Incident): string {
  return `${count} ${newest_alarm ?? ""} ${reminding ? `reminds of ${category}` : ""}`;
}
