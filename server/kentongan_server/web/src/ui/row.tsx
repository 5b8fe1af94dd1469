import { useComputed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { moment, elapsed } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { KNOWN_KINDS, ringingAlarms, waitingSince } from "../model/order.ts";
import { SEEN_AFTER_MS } from "../model/seen.ts";
import type { Alarm, Incident } from "../model/types.ts";
import { now } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { Flags } from "./flags.tsx";
import { Done, InHand, Ringing } from "./icons.tsx";
import { ROW } from "./keys.ts";
import { postName } from "./place.ts";

/** An alarm unanswered for longer is late: police practice, 110 and NFPA 1225. */
const ANSWER_WITHIN_MS = 10_000;

export function Row({ id }: { readonly id: number }) {
  const console = useConsole();
  const incident = console.incidents.find(id)?.value;
  // Of five hundred rows only the two that change are drawn when the selection moves.
  const selected = useComputed(() => console.selected.value === id);
  const isTarget = useComputed(() => console.target.value === id);
  useEffect(() => {
    // Answered ones as well: one that rings again later must be seen again.
    if (incident) console.drawn(incident);
  }, [console, incident]);
  if (!incident) return null;
  return (
    <li
      class={`row row--${look(incident)} ${selected.value ? "row--selected" : ""}`}
      data-incident={id}
      data-state={incident.state}
      data-ringing={incident.ringing ? "yes" : "no"}
    >
      <button
        type="button"
        class="row__main"
        {...{ [ROW]: id }}
        tabIndex={selected.value ? 0 : -1}
        aria-current={selected.value ? "true" : undefined}
        aria-keyshortcuts={incident.ringing ? "Enter a" : "Enter"}
        onClick={() => console.select(id)}
      >
        <StateIcon incident={incident} />
        <span class="row__site">{incident.site.name}</span>
        <RunningTime incident={incident} />
        <span class="row__what">
          <Kind incident={incident} /> · {postsOf(incident)}
        </span>
        <span class="row__facts">
          <StateWord incident={incident} />
          <Pressed incident={incident} />
          {pressCount(incident) > 1 && <span class="fact fact--strong">{say().queue.presses(pressCount(incident))}</span>}
          <Flags flags={flagsOf(incident)} />
        </span>
      </button>
      {incident.ringing && <AcknowledgeButton incident={incident} byEnter={isTarget.value} />}
    </li>
  );
}

interface AcknowledgeProps {
  readonly incident: Incident;
  /** True where Enter would answer this very incident. */
  readonly byEnter: boolean;
}

export function AcknowledgeButton({ incident, byEnter }: AcknowledgeProps) {
  const console = useConsole();
  const answerable = useAnswerable(incident);
  const busy = useComputed(() => console.busy.value.has(incident.id)).value;
  const words = say().queue;
  return (
    <button
      type="button"
      class="button button--answer"
      aria-disabled={busy ? "true" : undefined}
      data-answerable={answerable}
      onClick={() => void console.acknowledge(incident.id)}
    >
      <span>{busy ? words.acknowledging : words.acknowledge}</span> {byEnter && <kbd>Enter</kbd>}
      <span class="unseen">: {incident.site.name}</span>
    </button>
  );
}

type Answerable = "none" | "some" | "all";

/** How much of what rings an answer would cover: none in the first moment, in which nobody can have read it. */
function useAnswerable(incident: Incident): Answerable {
  const console = useConsole();
  const [answerable, setAnswerable] = useState<Answerable>("none");
  useEffect(() => {
    console.drawn(incident);
    const look = (): void => {
      const through = console.seenThrough(incident);
      const all = through === incident.newest_alarm;
      setAnswerable(all ? "all" : through === null ? "none" : "some");
      if (all) clearInterval(timer);
    };
    const timer = setInterval(look, SEEN_AFTER_MS / 3);
    look();
    return () => clearInterval(timer);
  }, [console, incident]);
  return answerable;
}

function look(incident: Incident): "ringing" | "in-hand" | "closed" {
  if (incident.ringing) return "ringing";
  return incident.state === "closed" ? "closed" : "in-hand";
}

function StateIcon({ incident }: { readonly incident: Incident }) {
  const Icon = { ringing: Ringing, "in-hand": InHand, closed: Done }[look(incident)];
  return <Icon class="row__icon" />;
}

export function StateWord({ incident }: { readonly incident: Incident }) {
  const words = say();
  if (incident.ringing) return <strong class="state state--ringing">{words.queue.unanswered}</strong>;
  if (incident.state === "closed") {
    return <span class="state state--closed">{word(words.outcomes, incident.outcome ?? words.queue.closedState)}</span>;
  }
  const text = incident.owner === null ? words.queue.answered : words.queue.answeredBy(incident.owner);
  return <span class="state state--in-hand">{text}</span>;
}

/** Only this text is drawn anew every second. */
function RunningTime({ incident }: { readonly incident: Incident }) {
  const { time, queue, locale } = say();
  if (incident.state === "closed") {
    return <span class="row__time">{moment(incident.closed_at_ms ?? incident.last_alarm_at_ms, now.value, locale)}</span>;
  }
  const since = incident.ringing ? waitingSince(incident) : (incident.acknowledged_at_ms ?? incident.last_alarm_at_ms);
  const overdue = incident.ringing && now.value - since > ANSWER_WITHIN_MS;
  return (
    <span class="row__time">
      <span class="row__ticking" aria-hidden="true">
        {elapsed(now.value - since, time.days)}
      </span>
      <span class="row__unit">{overdue ? queue.overdue : incident.ringing ? queue.waiting : queue.sinceAnswer}</span>
    </span>
  );
}

function Kind({ incident }: { readonly incident: Incident }) {
  const { kinds } = say();
  const shown = relevant(incident).map((alarm) => alarm.kind);
  return <>{[...new Set(shown)].map((kind) => (KNOWN_KINDS.has(kind) ? word(kinds, kind) : `${word(kinds, "hold-up")} (${kind})`)).join(" + ")}</>;
}

function Pressed({ incident }: { readonly incident: Incident }) {
  const { queue, locale } = say();
  const alarm = relevant(incident)[0];
  if (!alarm) return null;
  if (alarm.pressed_at_ms === null) return <span class="fact">{queue.pressedUnknown}</span>;
  return <span class="fact">{queue.pressed(moment(alarm.pressed_at_ms, now.value, locale))}</span>;
}

/** The alarms that a row speaks of: what rings, else all. */
export function relevant(incident: Incident): readonly Alarm[] {
  const ringing = ringingAlarms(incident);
  return ringing.length > 0 ? ringing : incident.alarms;
}

export function postsOf(incident: Incident): string {
  const names = [...new Set(relevant(incident).map((alarm) => postName(alarm.post)))];
  const first = names[0] ?? "";
  return names.length > 1 ? say().queue.posts(first, names.length - 1) : first;
}

/** A press that a full journal merged into another one counts as well. */
function pressCount(incident: Incident): number {
  return Math.max(incident.count, incident.alarms.reduce((sum, alarm) => sum + 1 + alarm.repeats, 0));
}

function flagsOf(incident: Incident): readonly string[] {
  return [...new Set(relevant(incident).flatMap((alarm) => alarm.flags))];
}
