import { computed, useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { moment, elapsed } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { ATTACK, bellWaits, isForReview, madeByCentre, OUTAGE, owedAlarms, owesAnswer, ringsNow, waitingSince } from "../model/order.ts";
import { SEEN_AFTER_MS, type Answerable } from "../model/seen.ts";
import { mayBeFaulty } from "../model/trouble-board.ts";
import type { Alarm, Incident } from "../model/types.ts";
import { now, today } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { centreAlarm, headline, kindWords, siteNames } from "./cut-off.tsx";
import { Flags } from "./flags.tsx";
import { useInView } from "./in-view.ts";
import { Attack, Done, InHand, Outage, Review, Ringing } from "./icons.tsx";
import { ROW } from "./keys.ts";
import { postName } from "./place.ts";
import { Priority } from "./priority.tsx";
import { Ways } from "./ways.tsx";

/** An alarm unanswered for longer is late: police practice, 110 and NFPA 1225. */
const ANSWER_WITHIN_MS = 10_000;

export function Row({ id }: { readonly id: number }) {
  const console = useConsole();
  const row = useRef<HTMLLIElement>(null);
  const { incident, drawn } = useInView(id, row);
  // Of five hundred rows only the two that change are drawn when the selection moves.
  const selected = useComputed(() => console.selected.value === id);
  const isTarget = useComputed(() => console.target.value === id);
  if (!incident) return null;
  const ringing = ringsNow(incident);
  const made = centreAlarm(relevant(incident));
  return (
    <li
      ref={row}
      class={`row row--${look(incident)} ${made && ringing ? "row--cut-off" : ""} ${selected.value ? "row--selected" : ""}`}
      data-incident={id}
      data-state={incident.state}
      data-ringing={ringing ? "yes" : "no"}
      data-kind={made?.kind}
    >
      <button
        type="button"
        class="row__main"
        {...{ [ROW]: id }}
        tabIndex={selected.value ? 0 : -1}
        aria-current={selected.value ? "true" : undefined}
        aria-keyshortcuts={ringing ? "Enter a" : "Enter"}
        onClick={() => console.select(id)}
      >
        <StateIcon incident={incident} />
        <span class="row__site">{headline(incident, made)}</span>
        <RunningTime incident={incident} runs={drawn} />
        <span class="row__what">{whatAndWhere(incident)}</span>
        <span class="row__facts">
          <Priority incident={incident} />
          <StateWord incident={incident} />
          <Ways alarms={relevant(incident)} />
          <Pressed incident={incident} />
          {pressCount(incident) > 1 && <span class="fact fact--strong">{say().queue.presses(pressCount(incident))}</span>}
          {bellWaits(incident) && <span class="fact fact--strong">{say().queue.bellWaits}</span>}
          <Faulty incident={incident} />
          <Flags flags={flagsOf(incident)} />
        </span>
      </button>
      {owesAnswer(incident) && <AcknowledgeButton incident={incident} byEnter={isTarget.value} drawn={drawn} />}
    </li>
  );
}

interface AcknowledgeProps {
  readonly incident: Incident;
  /** True where Enter would answer this very incident. */
  readonly byEnter: boolean;
  /** False where nobody sees it. */
  readonly drawn?: boolean;
}

export function AcknowledgeButton({ incident, byEnter, drawn = true }: AcknowledgeProps) {
  const console = useConsole();
  const answerable = useAnswerable(incident, drawn);
  const busy = useComputed(() => console.busy.value.has(incident.id)).value;
  const words = say();
  const review = isForReview(incident);
  const loud = ringsNow(incident);
  return (
    <button
      type="button"
      class={`button ${loud ? "button--answer" : "button--review"}`}
      aria-disabled={busy ? "true" : undefined}
      data-answerable={answerable}
      onClick={() => void console.acknowledge(incident.id)}
    >
      <span>{busy ? words.queue.acknowledging : review ? words.review.acknowledge : words.queue.acknowledge}</span>{" "}
      {byEnter && <kbd>Enter</kbd>}
      <span class="unseen">: {whereIs(incident)}</span>
    </button>
  );
}

/** How much of what rings an answer would cover: none in the first moment, in which nobody can have read it. */
function useAnswerable(incident: Incident, drawn: boolean): Answerable {
  const console = useConsole();
  const [answerable, setAnswerable] = useState<Answerable>("none");
  useEffect(() => {
    if (!drawn) return undefined;
    console.drawn(incident);
    const look = (): void => {
      const much = console.answerable(incident);
      setAnswerable(much);
      if (much === "all") clearInterval(timer);
    };
    const timer = setInterval(look, SEEN_AFTER_MS / 3);
    look();
    return () => clearInterval(timer);
  }, [console, incident, drawn]);
  return answerable;
}

function look(incident: Incident): "ringing" | "review" | "in-hand" | "closed" {
  if (ringsNow(incident)) return "ringing";
  if (incident.state !== "closed" && isForReview(incident)) return "review";
  return incident.state === "closed" ? "closed" : "in-hand";
}

export function StateIcon({ incident }: { readonly incident: Incident }) {
  const kind = centreAlarm(relevant(incident))?.kind;
  const alarm = kind === ATTACK ? Attack : kind === OUTAGE ? Outage : Ringing;
  const Icon = { ringing: alarm, review: Review, "in-hand": InHand, closed: Done }[look(incident)];
  return <Icon class="row__icon" />;
}

export function StateWord({ incident }: { readonly incident: Incident }) {
  const words = say();
  if (ringsNow(incident)) return <strong class="state state--ringing">{words.queue.unanswered}</strong>;
  if (incident.state === "closed") {
    return <span class="state state--closed">{word(words.outcomes, incident.outcome ?? words.queue.closedState)}</span>;
  }
  if (isForReview(incident)) {
    const owed = owedAlarms(incident).length > 0;
    return <span class="state state--closed">{owed ? words.review.state : words.review.looked}</span>;
  }
  const text = stateWords(incident);
  return <span class="state state--in-hand">{text}</span>;
}

/** "Ditangani operator-1", "Unit berangkat · operator-1". */
function stateWords({ state, owner }: Incident): string {
  const { queue, cases } = say();
  if (state === "new" || state === "acknowledged") return owner === null ? queue.answered : queue.answeredBy(owner);
  return [word(cases.states, state), owner].filter(Boolean).join(" · ");
}

interface RunningTimeProps {
  readonly incident: Incident;
  /** False where nobody sees it. */
  readonly runs: boolean;
}

export function RunningTime({ incident, runs }: RunningTimeProps) {
  const { queue, locale } = say();
  if (incident.state === "closed") {
    return <span class="row__time">{moment(incident.closed_at_ms ?? incident.last_alarm_at_ms, today.value, locale)}</span>;
  }
  // Nothing runs in the lane for review: it is about the past.
  if (isForReview(incident)) return null;
  const ringing = ringsNow(incident);
  const since = ringing ? waitingSince(incident) : (incident.acknowledged_at_ms ?? incident.last_alarm_at_ms);
  return (
    <span class="row__time">
      <Ticking since={since} runs={runs} />
      <span class="row__unit">{ringing ? <Waiting since={since} runs={runs} /> : queue.sinceAnswer}</span>
    </span>
  );
}

interface SinceProps {
  /** Unix ms. */
  readonly since: number;
  readonly runs: boolean;
}

/** The centre's time, Unix ms; once, where it does not run. */
function time(runs: boolean): number {
  return runs ? now.value : now.peek();
}

function Ticking({ since, runs }: SinceProps) {
  const { days } = say().time;
  // A text of its own: with hundreds of rows only the seconds are written, and no component is drawn again.
  const text = useMemo(() => computed(() => elapsed(time(runs) - since, days)), [since, days, runs]);
  return (
    <span class="row__ticking" aria-hidden="true">
      {text}
    </span>
  );
}

function Waiting({ since, runs }: SinceProps) {
  const { queue } = say();
  const text = useMemo(() => computed(() => (time(runs) - since > ANSWER_WITHIN_MS ? queue.overdue : queue.waiting)), [since, queue, runs]);
  return <>{text}</>;
}

/** "Perampokan · Meja teller"; of what the centre noticed itself the sites, or nothing beyond what it is. */
export function whatAndWhere(incident: Incident): string {
  const alarms = relevant(incident);
  const made = centreAlarm(alarms);
  if (made?.kind === OUTAGE) return siteNames(made, incident);
  if (alarms.length === 0) return called(incident);
  const kinds = [...new Set(alarms.map((alarm) => kindWords(alarm, incident)))].join(" + ");
  return alarms.every(madeByCentre) ? kinds : `${kinds} · ${postsOf(incident)}`;
}

/** "Pencurian · telepon": an incident in which nobody pressed. */
function called(incident: Incident): string {
  const { categories, byPhone } = say().cases;
  const kind = word(categories, incident.category);
  return incident.source === "call" ? `${kind} · ${byPhone}` : kind;
}

function Pressed({ incident }: { readonly incident: Incident }) {
  const { queue, cutOff, locale } = say();
  const alarm = relevant(incident)[0];
  if (!alarm) return null;
  if (madeByCentre(alarm)) {
    const since = alarm.pressed_at_ms ?? alarm.received_at_ms;
    return <span class="fact">{cutOff.noticed(moment(since, today.value, locale))}</span>;
  }
  if (alarm.pressed_at_ms === null) return <span class="fact">{queue.pressedUnknown}</span>;
  return <span class="fact">{queue.pressed(moment(alarm.pressed_at_ms, today.value, locale))}</span>;
}

/** A doubt about the button, never about the alarm. */
function Faulty({ incident }: { readonly incident: Incident }) {
  const { troubles } = useConsole();
  const faulty = mayBeFaulty(incident, troubles.items.value);
  const { word: text, meaning } = say().faultyButton;
  return faulty ? (
    <span class="flag flag--doubt" title={meaning}>
      {text}
    </span>
  ) : null;
}

/** The alarms that a row speaks of: what rings, else all. */
export function relevant(incident: Incident): readonly Alarm[] {
  const owed = owedAlarms(incident);
  return owed.length > 0 ? owed : incident.alarms;
}

export function postsOf(incident: Incident): string {
  const pressed = relevant(incident).filter((alarm) => !madeByCentre(alarm));
  const names = [...new Set(pressed.map((alarm) => postName(alarm.post)))];
  const first = names[0] ?? "";
  return names.length > 1 ? say().queue.posts(first, names.length - 1) : first;
}

/** A press that a full journal merged into another one counts as well; what the centre noticed is none. */
function pressCount(incident: Incident): number {
  if (incident.alarms.some(madeByCentre)) return 0;
  return Math.max(incident.count, incident.alarms.reduce((sum, alarm) => sum + 1 + alarm.repeats, 0));
}

/** Of a drill also what nobody pressed, such as a call. */
export function flagsOf(incident: Incident): readonly string[] {
  return [...new Set([...relevant(incident).flatMap((alarm) => alarm.flags), ...(incident.drill === 0 ? [] : ["drill"])])];
}
