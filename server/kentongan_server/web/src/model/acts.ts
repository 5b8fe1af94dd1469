// Which acts there are, when and for whom: the centre's table of states (domain/incident.py) and of permissions.

import { ACT_NAMES, type ActName } from "../i18n/cases.ts";
import { madeByCentre } from "./order.ts";
import type { Alarm, Incident, IncidentState, Session } from "./types.ts";

interface Rule {
  readonly key: string;
  readonly states: readonly IncidentState[];
  readonly roles: readonly string[];
}

const SUPERVISES = ["admin", "supervisor"];
const OPERATES = [...SUPERVISES, "operator"];
const HELPS = [...OPERATES, "agency-desk"];
const OWNED: readonly IncidentState[] = ["acknowledged", "dispatched", "on-scene", "parked", "reopened"];

export const RULES: Readonly<Record<ActName, Rule>> = {
  take: { key: "t", states: OWNED, roles: OPERATES },
  dispatch: { key: "d", states: ["acknowledged", "reopened", "dispatched", "on-scene"], roles: HELPS },
  arrive: { key: "r", states: ["dispatched"], roles: HELPS },
  withdraw: { key: "w", states: ["dispatched", "on-scene"], roles: HELPS },
  park: { key: "p", states: ["acknowledged", "reopened"], roles: OPERATES },
  unpark: { key: "u", states: ["parked"], roles: OPERATES },
  reopen: { key: "o", states: ["closed"], roles: SUPERVISES },
  merge: { key: "m", states: ["new", ...OWNED], roles: OPERATES },
  split: { key: "x", states: OWNED, roles: OPERATES },
  note: { key: "n", states: ["new", ...OWNED, "closed"], roles: HELPS },
};

export function mayClose(session: Session): boolean {
  return OPERATES.includes(session.role);
}

/** The acts that an operator can do to the incident now, in the order of their buttons. */
export function possible(incident: Incident, session: Session): readonly ActName[] {
  return ACT_NAMES.filter((name) => {
    const { states, roles } = RULES[name];
    if (!states.includes(incident.state) || !roles.includes(session.role)) return false;
    if (name === "take") return incident.owner !== session.name;
    if (name === "split") return buttonsOf(incident.alarms).length > 1;
    // What was merged has nothing to be opened but its calls, which come back: application/acts.py.
    return name !== "reopen" || incident.merged_into === null || incident.source === "call";
  });
}

/** One alarm of each button that was pressed. */
export function buttonsOf(alarms: readonly Alarm[]): readonly Alarm[] {
  const pressed = alarms.filter((alarm) => alarm.device !== null && !madeByCentre(alarm));
  return [...new Map(pressed.map((alarm) => [alarm.device, alarm])).values()];
}

/** Where its signals may go: an open incident of the same site, or one of the two is a call without a site. */
export function mayMergeInto(from: Incident, into: Incident): boolean {
  if (into.id === from.id || into.state === "closed" || into.drill !== from.drill) return false;
  return from.site === null || into.site === null || from.site.code === into.site.code;
}
