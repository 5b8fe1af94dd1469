// What the centre says about itself, and which of it an operator must know.

import type { CentreState, Modem } from "./types.ts";

/** The only state of a modem in which it sends and receives. */
const MODEM_READY = "ready";

/** Below this a message may need several tries (GSM: -113 is the least that a modem reports, -95 is a weak cell). */
const WEAK_DBM = -105;

/** A SIM card's validity is told this long before its end: topping up takes somebody a walk to a shop. */
const EXPIRY_TOLD_MS = 7 * 24 * 3_600_000;

/** The history grows by some 100 MB a year at city scale; a disk below this wants somebody long before it is full. */
const DISK_LEAST_BYTES = 1_000_000_000;

export type Finding =
  | { readonly code: "not-committing" }
  | { readonly code: "disk"; readonly free: number }
  | { readonly code: "modem" | "weak"; readonly modem: Modem }
  | { readonly code: "expiring"; readonly modem: Modem; readonly until: number };

/** What is wrong, the worst first; empty while all is well. */
export function findings(centre: CentreState, nowMs: number): readonly Finding[] {
  const found: Finding[] = [];
  if (!centre.ok) found.push({ code: "not-committing" });
  for (const modem of centre.modems) if (modem.state !== MODEM_READY) found.push({ code: "modem", modem });
  if (centre.disk_free_bytes !== null && centre.disk_free_bytes < DISK_LEAST_BYTES) {
    found.push({ code: "disk", free: centre.disk_free_bytes });
  }
  for (const modem of centre.modems) {
    const until = modem.valid_until === null ? NaN : Date.parse(modem.valid_until);
    if (until - nowMs <= EXPIRY_TOLD_MS) found.push({ code: "expiring", modem, until });
    if (modem.state === MODEM_READY && (modem.signal_dbm ?? 0) < WEAK_DBM) found.push({ code: "weak", modem });
  }
  return found;
}

/** The same for a modem of which only the name is known, as alarms and troubles have it. */
export function modemCalled(name: string, centre: CentreState | null): string {
  const modem = centre?.modems.find((one) => one.name === name);
  return modem ? modemName(modem, centre?.modems ?? []) : name;
}

/** The name by which people know a modem: its operator's. */
export function modemName(modem: Modem, all: readonly Modem[]): string {
  const alone = all.filter((other) => other.operator === modem.operator).length <= 1;
  if (modem.operator === "") return modem.name;
  return alone ? modem.operator : `${modem.operator} (${modem.name})`;
}
