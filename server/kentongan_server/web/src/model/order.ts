// The order of the queue.
//
// What rings comes first. Among ringing incidents:
//   1. by the centre's priority: hold-up and duress, then fire and medical, then the rest;
//   2. a fresh press before one that arrived late: only there can a unit still catch somebody;
//   3. then the one that has waited longest. Every alarm is owed an answer within 10 s, and what is
//      new must not slide under the finger that is about to answer the top row.
// What somebody has in hand follows, by priority and age too. What a restored centre was handed
// again long after the press is no emergency of now: it stands in a lane of its own.

import type { Alarm, Incident } from "./types.ts";

export const ATTACK = "suspected-attack";
export const OUTAGE = "outage";

/** True for an alarm that nobody has answered yet. */
export function rings(alarm: Alarm): boolean {
  return alarm.acknowledged_by === null && alarm.level === "received";
}

/** The alarms of an incident that still ring; empty when it does not ring. */
export function ringingAlarms(incident: Incident): readonly Alarm[] {
  if (!incident.ringing) return [];
  const ringing = incident.alarms.filter(rings);
  // The incident's word counts: never silent because the parts and the whole disagree.
  return ringing.length > 0 ? ringing : incident.alarms.slice(-1);
}

/** Since when the incident waits for an answer, Unix ms. */
export function waitingSince(incident: Incident): number {
  const ringing = ringingAlarms(incident);
  return ringing.length === 0 ? incident.last_alarm_at_ms : Math.min(...ringing.map((alarm) => alarm.received_at_ms));
}

/** 1 when all that rings arrived late, else 0. */
function lateness(incident: Incident): number {
  const ringing = ringingAlarms(incident);
  return Number(ringing.length > 0 && ringing.every((alarm) => alarm.flags.includes("late")));
}

export const KNOWN_KINDS: ReadonlySet<string> = new Set(["hold-up", "duress", "medical", "fire", ATTACK, OUTAGE]);

/** True for an alarm that no button made: the centre itself noticed that sites are cut off. */
export function madeByCentre(alarm: Alarm): boolean {
  return alarm.kind === ATTACK || alarm.kind === OUTAGE;
}

/**
 * True when it belongs into the lane for review. The centre's word alone is not enough: as long as one
 * unanswered alarm of it was not recovered, it rings.
 */
export function isForReview(incident: Incident): boolean {
  return incident.recovered === true && incident.alarms.filter(rings).every((alarm) => alarm.flags.includes("recovered"));
}

/** True while it calls for an answer, with the sound on. */
export function ringsNow(incident: Incident): boolean {
  return incident.ringing && !isForReview(incident);
}

/**
 * The alarms that an answer now would be about: those that ring, in the lane for review those that nobody has looked
 * at, and those of a button that is pressed so often that its bell waits a while.
 */
export function owedAlarms(incident: Incident): readonly Alarm[] {
  if (incident.state === "closed") return [];
  return ringsNow(incident) ? ringingAlarms(incident) : incident.alarms.filter(rings);
}

/** True while an answer is asked for: by an alarm, or by a park that has ended. */
export function owesAnswer(incident: Incident): boolean {
  return ringsNow(incident) || owedAlarms(incident).length > 0;
}

/** True while somebody has it in hand, and presses came since for which it will ring soon. */
export function bellWaits(incident: Incident): boolean {
  return !ringsNow(incident) && !isForReview(incident) && owedAlarms(incident).length > 0;
}

/** Comparator for the lane for review: what nobody has looked at, then the oldest first. */
export function byReview(left: Incident, right: Incident): number {
  const owed = (incident: Incident): number => Number(owedAlarms(incident).length > 0);
  return owed(right) - owed(left) || left.opened_at_ms - right.opened_at_ms || left.id - right.id;
}

/** What an incident is sorted by, the most urgent the least. */
type Urgency = readonly [silent: number, priority: number, late: number, since: number, id: number];

/** Of each incident as it is: a list of hundreds asks some thousand times, and what changes is another object. */
const urgencies = new WeakMap<Incident, Urgency>();

function urgency(incident: Incident): Urgency {
  let found = urgencies.get(incident);
  if (!found) {
    const { ringing, priority, id } = incident;
    found = ringing ? [0, priority, lateness(incident), waitingSince(incident), id] : [1, priority, 0, incident.opened_at_ms, id];
    urgencies.set(incident, found);
  }
  return found;
}

/** Comparator for open incidents. */
export function byUrgency(left: Incident, right: Incident): number {
  const one = urgency(left);
  const other = urgency(right);
  for (let part = 0; part < one.length; part += 1) {
    const more = (one[part] ?? 0) - (other[part] ?? 0);
    if (more !== 0) return more;
  }
  return 0;
}

/** Whether an incident stands on the same lists, at the same place, after a change as before. */
export function staysInPlace(before: Incident, after: Incident): boolean {
  return (
    before.state === after.state &&
    ringsNow(before) === ringsNow(after) &&
    isForReview(before) === isForReview(after) &&
    [byUrgency, byReview, byClosing].every((order) => order(before, after) === 0)
  );
}

/** Comparator for closed incidents: the last closed first. */
export function byClosing(left: Incident, right: Incident): number {
  return (right.closed_at_ms ?? 0) - (left.closed_at_ms ?? 0) || right.id - left.id;
}
