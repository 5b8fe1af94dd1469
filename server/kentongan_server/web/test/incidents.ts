// Incidents as the centre would send them, for the tests.

import type { Alarm, Incident } from "../src/model/types.ts";

export function alarm(id: number, changes: Partial<Alarm> = {}): Alarm {
  return {
    id,
    device: "0000a1b2",
    post: { name: "Teller", variant: "desk" },
    kind: "hold-up",
    sequence: id,
    nonce: "00".repeat(8),
    pressed_at_ms: id * 1_000,
    pressed_at: "exact",
    received_at_ms: id * 1_000,
    level: "received",
    revision: 1,
    repeats: 0,
    acknowledged_by: null,
    gateway: "0000b001",
    path: "mqtt",
    flags: [],
    ...changes,
  };
}

export function incident(id: number, alarms: readonly Alarm[], changes: Partial<Incident> = {}): Incident {
  const last = alarms.at(-1);
  return {
    id,
    position: 1,
    version: 1,
    source: "button",
    category: "hold-up",
    priority: 1,
    agency: null,
    drill: 0,
    site: { code: "bank", name: "Bank" },
    place: null,
    state: "new",
    ringing: true,
    reminding: false,
    opened_at_ms: alarms[0]?.received_at_ms ?? 0,
    last_alarm_at_ms: last?.received_at_ms ?? 0,
    owner: null,
    acknowledged_at_ms: null,
    dispatched_at_ms: null,
    dispatched_to: null,
    arrived_at_ms: null,
    parked_until_ms: null,
    closed_at_ms: null,
    outcome: null,
    cause: null,
    note: null,
    merged_into: null,
    split_from: null,
    count: alarms.length,
    newest_alarm: last?.id ?? null,
    alarms,
    calls: [],
    ...changes,
  };
}

export const answered: Partial<Alarm> = { level: "acknowledged", revision: 2, acknowledged_by: "operator-1" };
