import { useCallback, useEffect, useState } from "preact/hooks";
import { elapsed, moment } from "../format/time.ts";
import { sayDrills } from "../i18n/drills.ts";
import { say, word } from "../i18n/index.ts";
import type { Drill, DrillAlarm } from "../model/drill.ts";
import type { Listing } from "../model/types.ts";
import { now, today } from "../state/clock.ts";
import { reason } from "../state/failures.ts";
import { useConsole } from "./context.ts";
import { DrillForm } from "./drills-form.tsx";
import { ListPage, ListState, NewestOnly, useLoading } from "./page.tsx";
import { placeOf } from "./place.ts";

/** A drill's begin and end come by the stream; which of its alarms have rung is told within so long. */
const READ_EVERY_MS = 2_000;

/** The centre lists so many (adapters/read_desk.py). */
const LISTED_MOST = 100;

/** Who starts and ends drills: `api/permissions.py`. */
const SUPERVISES = ["admin", "supervisor"];

/** Drills that run and that ran; whoever supervises starts and ends them here. */
export function DrillsPage() {
  const console = useConsole();
  const words = sayDrills();
  const drills = console.drills.items.value;
  const load = useCallback(async () => {
    const { position, drills: listed } = await console.api.look<Listing<"drills", Drill>>("drills");
    if (console.signedIn) console.drills.apply(position, listed);
  }, [console]);
  const loading = useLoading(load);
  useEffect(() => {
    const timer = setInterval(loading.again, READ_EVERY_MS);
    return () => clearInterval(timer);
  }, [loading.again]);
  const supervises = SUPERVISES.includes(console.signedIn?.role ?? "");
  const running = drills.filter((drill) => drill.ended_at_ms === null);
  const past = drills.filter((drill) => drill.ended_at_ms !== null);
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <h2 class="page__subtitle">{words.running}</h2>
      <ListState loading={loading} empty={words.none} size={running.length} />
      {running.map((drill) => (
        <Running key={drill.id} drill={drill} ends={supervises} done={loading.again} />
      ))}
      {supervises && <DrillForm done={loading.again} />}
      {past.length > 0 && <h2 class="page__subtitle">{words.past}</h2>}
      <ul class="drills">
        {past.map((drill) => (
          <Over key={drill.id} drill={drill} />
        ))}
      </ul>
      <NewestOnly size={drills.length} most={LISTED_MOST} />
    </ListPage>
  );
}

interface RunningProps {
  readonly drill: Drill;
  readonly ends: boolean;
  readonly done: () => void;
}

function Running({ drill, ends, done }: RunningProps) {
  const words = sayDrills();
  const { time, locale } = say();
  const rang = drill.alarms.filter((alarm) => alarm.alarm !== null).length;
  return (
    <article class="drills__one drills__one--running" data-drill-running={drill.id} aria-label={drill.name}>
      <h3 class="drills__name">{drill.name}</h3>
      <p>
        {words.by(drill.started_by, moment(drill.started_at_ms, today.value, locale))} · <strong>{words.left(elapsed(drill.ends_at_ms - now.value, time.days))}</strong> ·{" "}
        {words.rang(rang, drill.alarms.length)}
      </p>
      <Alarms alarms={drill.alarms} runs />
      {ends && <End drill={drill} done={done} />}
    </article>
  );
}

function Alarms({ alarms, runs }: { readonly alarms: readonly DrillAlarm[]; readonly runs: boolean }) {
  const words = sayDrills();
  const { kinds, time } = say();
  return (
    <ol class="drills__alarms">
      {alarms.map((alarm) => (
        <li key={`${alarm.device} ${alarm.due_at_ms}`} data-rung={alarm.alarm === null ? "no" : "yes"}>
          <strong>{alarm.site.name}</strong> · {placeOf(alarm.post)} · {word(kinds, alarm.kind)}:{" "}
          <span class="number">{alarm.alarm !== null ? words.hasRung : runs ? words.ringsIn(elapsed(alarm.due_at_ms - now.value, time.days)) : words.notRung}</span>
        </li>
      ))}
    </ol>
  );
}

/** Ends it after a question: everything of it is closed. */
function End({ drill, done }: { readonly drill: Drill; readonly done: () => void }) {
  const console = useConsole();
  const words = sayDrills();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  async function end(): Promise<void> {
    setBusy(true);
    try {
      await console.api.change("POST", `drills/${drill.id}/end`);
      console.notices.good(words.ended);
    } catch (error) {
      if (!console.lostSession(error)) console.notices.bad(words.failed(reason(error)));
    } finally {
      setBusy(false);
      setAsking(false);
      done();
    }
  }
  if (!asking) {
    return (
      <p class="drills__end">
        <button type="button" class="button" onClick={() => setAsking(true)}>
          {words.end}
        </button>
      </p>
    );
  }
  return (
    <p class="drills__end" role="group" aria-label={words.endAsk}>
      <span>{words.endAsk}</span>
      <button type="button" class="button" onClick={() => setAsking(false)} ref={focus}>
        {words.goOn}
      </button>
      <button type="button" class="button button--primary" disabled={busy} onClick={() => void end()}>
        {words.endSure}
      </button>
    </p>
  );
}

function focus(element: HTMLElement | null): void {
  element?.focus();
}

function Over({ drill }: { readonly drill: Drill }) {
  const words = sayDrills();
  const { locale } = say();
  const ended = moment(drill.ended_at_ms ?? drill.ends_at_ms, today.value, locale);
  return (
    <li class="drills__one" data-drill-over={drill.id}>
      <h3 class="drills__name">{drill.name}</h3>
      <p>
        {words.by(drill.started_by, moment(drill.started_at_ms, today.value, locale))} ·{" "}
        {drill.ended_by === null ? words.endedByTime(ended) : words.endedBy(drill.ended_by, ended)}
      </p>
      <Alarms alarms={drill.alarms} runs={false} />
    </li>
  );
}
