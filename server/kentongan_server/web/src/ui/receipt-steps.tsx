import { moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { LEVELS, type Alarm, type Level } from "../model/types.ts";
import { today } from "../state/clock.ts";

/** What the centre has answered to the button, and what the button says it shows; in a drill neither is anything. */
export function ReceiptSteps({ alarm, drilled }: { readonly alarm: Alarm; readonly drilled: boolean }) {
  const words = say();
  if (drilled) {
    return (
      <section class="block">
        <h3 class="block__title">{words.incident.guardSees}</h3>
        <p class="steps__guard">{words.incident.guardDrilled}</p>
      </section>
    );
  }
  const reached = LEVELS.indexOf(alarm.level);
  return (
    <section class="block">
      <h3 class="block__title">{words.incident.guardSees}</h3>
      <ol class="steps">
        {LEVELS.map((level, index) => (
          <li
            key={level}
            class={`steps__one steps__one--${stage(level, index, reached, alarm.level)}`}
            aria-current={level === alarm.level ? "step" : undefined}
          >
            {word(words.levels, level)}
          </li>
        ))}
      </ol>
      <p class="steps__guard">{guard(alarm)}</p>
    </section>
  );
}

/** A level that was skipped was not reached: a closed incident need not have had a unit. */
function stage(level: Level, index: number, reached: number, present: Level): "now" | "past" | "skipped" | "ahead" {
  if (level === present) return "now";
  if (index > reached) return "ahead";
  return present === "closed" && (level === "dispatched" || level === "arrived") ? "skipped" : "past";
}

function guard(alarm: Alarm): string {
  const { incident, levels, locale } = say();
  const seen = alarm.seen ?? null;
  if (seen === null) return incident.guardUnconfirmed;
  if (seen.revision < alarm.revision) return incident.guardBehind(word(levels, seen.level));
  return incident.guardConfirmed(word(levels, seen.level), moment(seen.at_ms, today.value, locale));
}
