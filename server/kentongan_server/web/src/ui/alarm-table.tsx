import { useState } from "preact/hooks";
import { moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { madeByCentre, rings } from "../model/order.ts";
import type { Alarm } from "../model/types.ts";
import { today } from "../state/clock.ts";
import { Flags } from "./flags.tsx";
import { certainty } from "./path.tsx";
import { postName } from "./place.ts";
import { Ways } from "./ways.tsx";

/** Somebody in panic presses many times: the newest are shown, the others on request. */
const SHOWN = 8;

interface AlarmTableProps {
  readonly alarms: readonly Alarm[];
  /** How many older ones there are. */
  readonly older: number;
  /** In the lane for review, where nothing rings. */
  readonly quiet: boolean;
}

/** The presses of the incident, the newest first. */
export function AlarmTable({ alarms, older, quiet }: AlarmTableProps) {
  const [all, setAll] = useState(false);
  const words = say().incident;
  const { columns } = words;
  const began = alarms.every(madeByCentre) ? say().cutOff.since : columns.pressed;
  const newestFirst = [...alarms].reverse();
  const shown = all ? newestFirst : newestFirst.slice(0, SHOWN);
  return (
    <section class="block">
      <h3 class="block__title">
        {words.alarms} ({alarms.length + older})
      </h3>
      <div class="scroll" role="region" aria-label={words.alarms} tabIndex={0}>
        <table class="table">
          <thead>
            <tr>
              {[began, columns.certainty, columns.received, columns.post, columns.answer, columns.remarks].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((alarm) => (
              <AlarmRow key={alarm.id} alarm={alarm} quiet={quiet} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < alarms.length && (
        <button type="button" class="link-button" onClick={() => setAll(true)}>
          {words.alarmsOlder(alarms.length - shown.length)}
        </button>
      )}
      {shown.length === alarms.length && older > 0 && <p class="block__hint">{words.alarmsInReplay(older)}</p>}
    </section>
  );
}

function Unanswered({ quiet }: { readonly quiet: boolean }) {
  const { queue, review } = say();
  if (quiet) return <span class="state state--closed">{review.state}</span>;
  return <strong class="state state--ringing">{queue.unanswered}</strong>;
}

/** The main path is the rule: only another one is worth a chip in every line. */
function unusualWay(alarm: Alarm): boolean {
  return alarm.path !== "mqtt" || (alarm.also ?? []).length > 0;
}

function AlarmRow({ alarm, quiet }: { readonly alarm: Alarm; readonly quiet: boolean }) {
  const words = say();
  const time = (ms: number): string => moment(ms, today.value, words.locale);
  return (
    <tr class={rings(alarm) && !quiet ? "table__ringing" : ""} data-alarm={alarm.id}>
      <td class="number">{alarm.pressed_at_ms === null ? words.incident.timeUnknown : time(alarm.pressed_at_ms)}</td>
      <td>{certainty(alarm)}</td>
      <td class="number">{time(alarm.received_at_ms)}</td>
      <td>
        {madeByCentre(alarm) ? say().ways.centre : postName(alarm.post)}{" "}
        {alarm.sequence !== null && !madeByCentre(alarm) && <code class="code">#{alarm.sequence}</code>}
      </td>
      <td>
        {rings(alarm) ? <Unanswered quiet={quiet} /> : word(words.levels, alarm.level)}
        {alarm.acknowledged_by !== null && ` · ${alarm.acknowledged_by}`}
      </td>
      <td>
        {alarm.repeats > 0 && <span class="fact">{words.incident.repeats(alarm.repeats + 1)}</span>} {unusualWay(alarm) && <Ways alarms={[alarm]} />}{" "}
        <Flags flags={alarm.flags} />
      </td>
    </tr>
  );
}
