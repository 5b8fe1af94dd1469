// What a row and its details say of alarms that no button made: sites that are cut off.

import { say, word } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { ATTACK, KNOWN_KINDS, madeByCentre, OUTAGE } from "../model/order.ts";
import type { Alarm, Incident, Site } from "../model/types.ts";

/** In a row, more names than this would push the next alarm off the screen. */
const NAMES_SHOWN = 3;

/** The alarm of the centre that an incident is about, or null when buttons made all of it. */
export function centreAlarm(alarms: readonly Alarm[]): Alarm | null {
  return alarms.findLast(madeByCentre) ?? null;
}

/** The sites that are cut off; without a list of the centre it is the incident's own. */
export function sitesOf(alarm: Alarm, incident: Incident): readonly Site[] {
  const sites = alarm.sites ?? [];
  return sites.length > 0 || incident.site === null ? sites : [incident.site];
}

/** "Perampokan", "Dugaan serangan: semua jalur lokasi putus", "Gangguan luas: 7 lokasi". */
export function kindWords(alarm: Alarm, incident: Incident): string {
  const { kinds, cutOff } = say();
  if (alarm.kind === ATTACK) return cutOff.attack;
  if (alarm.kind === OUTAGE) return cutOff.outage(sitesOf(alarm, incident).length);
  return KNOWN_KINDS.has(alarm.kind) ? word(kinds, alarm.kind) : `${word(kinds, "hold-up")} (${alarm.kind})`;
}

/** Whose name stands at the top of a row: the site's, for an outage the outage itself. */
export function headline(incident: Incident, alarm: Alarm | null): string {
  return alarm?.kind === OUTAGE ? kindWords(alarm, incident) : whereIs(incident);
}

/** "Bank A, Toko B, Koperasi C dan 4 lagi". */
export function siteNames(alarm: Alarm, incident: Incident): string {
  const names = sitesOf(alarm, incident).map((site) => site.name);
  const first = names.slice(0, NAMES_SHOWN).join(", ");
  return names.length > NAMES_SHOWN ? `${first} ${say().cutOff.more(names.length - NAMES_SHOWN)}` : first;
}

/** In the details: what it means, what to do, and every site. */
export function CutOff({ alarm, incident }: { readonly alarm: Alarm; readonly incident: Incident }) {
  const { cutOff } = say();
  const sites = sitesOf(alarm, incident);
  return (
    <section class="block cut-off">
      <p class="cut-off__advice">{alarm.kind === OUTAGE ? cutOff.outageAdvice : cutOff.attackAdvice}</p>
      <p>{cutOff.noPress}</p>
      {alarm.kind === OUTAGE && (
        <>
          <h3 class="block__title">{cutOff.sites(sites.length)}</h3>
          <ul class="cut-off__sites">
            {sites.map((site) => (
              <li key={site.code}>{site.name}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
