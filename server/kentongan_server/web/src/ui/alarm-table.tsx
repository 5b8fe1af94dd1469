import { useState } from "preact/hooks";
import { moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { rings } from "../model/order.ts";
import type { Alarm } from "../model/types.ts";
import { now } from "../state/clock.ts";
import { Flags } from "./flags.tsx";
import { certainty } from "./path.tsx";
import { postName } from "./place.ts";

/** Somebody in panic presses many times: the newest are shown, the others on request. */
const SHOWN = 8;

/** All presses of the incident, the newest first. */
export function AlarmTable({ alarms }: { readonly alarms: readonly Alarm[] }) {
  const [all, setAll] = useState(false);
  const words = say().incident;
  const { columns } = words;
  const newestFirst = [...alarms].reverse();
  const shown = all ? newestFirst : newestFirst.slice(0, SHOWN);
  return (
    <section class="block">
      <h3 class="block__title">
        {words.alarms} ({alarms.length})
      </h3>
      <div class="scroll" role="region" aria-label={words.alarms} tabIndex={0}>
        <table class="table">
          <thead>
            <tr>
              {[columns.pressed, columns.certainty, columns.received, columns.post, columns.answer, columns.remarks].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((alarm) => (
              <AlarmRow key={alarm.id} alarm={alarm} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < alarms.length && (
        <button type="button" class="link-button" onClick={() => setAll(true)}>
          {words.alarmsOlder(alarms.length - shown.length)}
        </button>
      )}
    </section>
  );
}

function AlarmRow({ alarm }: { readonly alarm: Alarm }) {
  const words = say();
  const time = (ms: number): string => moment(ms, now.value, words.locale);
  return (
    <tr class={rings(alarm) ? "table__ringing" : ""} data-alarm={alarm.id}>
      <td class="number">{alarm.pressed_at_ms === null ? words.incident.timeUnknown : time(alarm.pressed_at_ms)}</td>
      <td>{certainty(alarm)}</td>
      <td class="number">{time(alarm.received_at_ms)}</td>
      <td>
        {postName(alarm.post)} <code class="code">#{alarm.sequence}</code>
      </td>
      <td>
        {rings(alarm) ? <strong class="state state--ringing">{words.queue.unanswered}</strong> : word(words.levels, alarm.level)}
        {alarm.acknowledged_by !== null && ` · ${alarm.acknowledged_by}`}
      </td>
      <td>
        {alarm.repeats > 0 && <span class="fact">{words.incident.repeats(alarm.repeats + 1)}</span>} <Flags flags={alarm.flags} />
      </td>
    </tr>
  );
}
