// What is said aloud to whoever does not look at the screen.

import { say, word } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { ringingAlarms } from "../model/order.ts";
import type { Incident } from "../model/types.ts";

/** Of an incident that began to ring, with how many ring now. */
export function spoken(incident: Incident, count: number): string {
  const { queue, kinds, cases } = say();
  const alarm = ringingAlarms(incident).at(-1);
  const what = alarm ? word(kinds, alarm.kind) : word(cases.categories, incident.category);
  return queue.announce(what, whereIs(incident), alarm?.post?.name ?? cases.byPhone, count);
}
