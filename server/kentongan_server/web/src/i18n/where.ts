// Where an incident is, in a few words.

import type { Incident } from "../model/types.ts";
import { say } from "./index.ts";

/** The site's name; of a call from elsewhere what the caller said of the place. */
export function whereIs(incident: Incident): string {
  return incident.site?.name || incident.place?.address || say().cases.elsewhere;
}
