// Where an incident is, in a few words.

import type { Incident } from "../model/types.ts";
import { say } from "./index.ts";

/** The site's name; of a call from elsewhere what the caller said of the place. */
export function whereIs(incident: Incident): string {
  return incident.site?.name || incident.place?.address || say().cases.elsewhere;
}

/** Why it rings although nobody pressed: whoever was asked is under duress, or its park is over; null where it does not. */
export function reminderOf({ reminding, category }: Incident): string | null {
  const { phrase, reminding: parkIsOver } = say().cases;
  if (!reminding) return null;
  return category === "duress" ? phrase.duress : parkIsOver;
}

/** A name may have 200 letters; on a map it stands beside others. */
const UNIT_LETTERS = 28;

/** "Patroli 3 → menuju lokasi": who was sent there; null where nobody is. */
export function unitOn({ state, dispatched_to: unit }: Incident): string | null {
  const { onTheWay, there } = say().cases.map;
  if (unit === null || (state !== "dispatched" && state !== "on-scene")) return null;
  const letters = [...unit];
  const short = letters.length > UNIT_LETTERS ? `${letters.slice(0, UNIT_LETTERS - 1).join("")}…` : unit;
  return state === "dispatched" ? onTheWay(short) : there(short);
}
