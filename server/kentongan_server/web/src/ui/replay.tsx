import type { TargetedKeyboardEvent } from "preact";
import { useCallback, useState } from "preact/hooks";
import { clock, date, elapsed } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { sayReplay } from "../i18n/replay.ts";
import { minuteBack, minuteOn, type Replay, type ReplayStep, type Standing } from "../model/replay.ts";
import type { CasePlan } from "../model/types.ts";
import { address, part } from "../state/route.ts";
import { useConsole } from "./context.ts";
import { ListPage, ListState, useLoading } from "./page.tsx";
import { factWords } from "./timeline.tsx";

/** An incident as it went: step by step, with how it stood after each. */
export function ReplayPage() {
  const id = Number(part.value);
  const words = sayReplay();
  if (part.value === "" || !Number.isSafeInteger(id) || id < 0) return <p class="page page__empty">{words.which}</p>;
  return (
    <ListPage heading={words.heading(id)} advice={words.advice}>
      <Whole key={id} id={id} />
    </ListPage>
  );
}

function Whole({ id }: { readonly id: number }) {
  const console = useConsole();
  const [found, setFound] = useState<PlayerProps | null>(null);
  const load = useCallback(async () => {
    // The steps of its plan have their words with the incident; without them the replay goes all the same.
    const [replay, incident] = await Promise.all([console.api.look<Replay>(`incidents/${id}/replay`), console.api.incident(id).catch(() => null)]);
    setFound({ replay, plan: incident?.plan ?? null });
  }, [console, id]);
  const loading = useLoading(load);
  if (found === null) return <ListState loading={loading} empty={say().list.loading} size={0} />;
  return <Player {...found} />;
}

interface PlayerProps {
  readonly replay: Replay;
  readonly plan: CasePlan | null;
}

function Player({ replay: { incident, steps, more }, plan }: PlayerProps) {
  const console = useConsole();
  const words = sayReplay();
  const [at, setAt] = useState(0);
  const step = steps[at];
  const last = steps.length - 1;
  if (step === undefined) return null;
  const open = console.incidents.queue.value.includes(incident) || console.incidents.review.value.includes(incident);

  function onKey(event: TargetedKeyboardEvent<HTMLInputElement>): void {
    const target = { PageUp: minuteOn(steps, at), PageDown: minuteBack(steps, at) }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    setAt(target);
  }

  return (
    <div class="replay">
      <p>
        <a href={address(open ? "queue" : "closed")} onClick={() => console.select(incident)}>
          {words.toIncident}
        </a>
      </p>
      {more && <p class="message message--bad">{words.more}</p>}
      <input
        class="replay__slider"
        type="range"
        aria-label={words.slider}
        aria-valuetext={`${words.at(at + 1, steps.length)}: ${whatOf(step)}`}
        min={0}
        max={last}
        step={1}
        value={at}
        ref={focusOnce}
        onInput={(event) => setAt(Number(event.currentTarget.value))}
        onKeyDown={onKey}
      />
      <Moves steps={steps} at={at} go={setAt} />
      <div class="replay__pair">
        <Now step={step} at={at} steps={steps} plan={plan} />
        <All steps={steps} at={at} go={setAt} />
      </div>
    </div>
  );
}

function focusOnce(element: HTMLElement | null): void {
  if (element !== null && document.activeElement === document.body) element.focus();
}

interface MovesProps {
  readonly steps: readonly ReplayStep[];
  readonly at: number;
  readonly go: (at: number) => void;
}

function Moves({ steps, at, go }: MovesProps) {
  const words = sayReplay();
  const last = steps.length - 1;
  const moves: readonly (readonly [string, number])[] = [
    [words.first, 0],
    [words.minuteBack, minuteBack(steps, at)],
    [words.back, Math.max(0, at - 1)],
    [words.forward, Math.min(last, at + 1)],
    [words.minuteOn, minuteOn(steps, at)],
    [words.last, last],
  ];
  return (
    <div class="replay__moves">
      {moves.map(([name, target]) => (
        <button key={name} type="button" class="button" aria-disabled={target === at ? "true" : undefined} onClick={() => go(target)}>
          {name}
        </button>
      ))}
    </div>
  );
}

function whatOf(step: ReplayStep): string {
  return step.what === "caller" ? sayReplay().caller : word(say().incident.whats, step.what);
}

interface NowProps {
  readonly step: ReplayStep;
  readonly at: number;
  readonly steps: readonly ReplayStep[];
  readonly plan: CasePlan | null;
}

function Now({ step, at, steps, plan }: NowProps) {
  const words = sayReplay();
  const { time, locale } = say();
  const detail = factWords(step, plan);
  return (
    <section class="replay__now" aria-live="polite" data-replay-step={at + 1}>
      <p class="fact">
        {words.at(at + 1, steps.length)} · {date(step.at_ms, locale)} <strong class="replay__clock">{clock(step.at_ms)}</strong> ·{" "}
        {words.after(elapsed(step.at_ms - (steps[0]?.at_ms ?? step.at_ms), time.days))}
      </p>
      <h2 class="replay__what">
        {whatOf(step)} {detail && <span class="fact">{detail}</span>}
      </h2>
      <p>{step.who ?? words.erased}</p>
      {step.words && <p class="calls__words">{step.words}</p>}
      <h3 class="page__subtitle">{words.how}</h3>
      <Stood after={step.after} />
    </section>
  );
}

function Stood({ after }: { readonly after: Standing }) {
  const words = sayReplay();
  const { cases, outcomes } = say();
  const rows: readonly (readonly [string, string, boolean])[] = [
    [words.state, word(cases.states, after.state), true],
    [words.rings, after.rings ? words.ringing(after.unanswered) : words.quiet, true],
    [words.owner, after.owner ?? words.nobody, true],
    [words.unit, after.dispatched_to ?? "–", true],
    [words.alarms, String(after.alarms), after.alarms > 0],
    [words.calls, String(after.calls), after.calls > 0],
    [words.until, after.parked_until_ms === null ? "" : clock(after.parked_until_ms), after.parked_until_ms !== null],
    [words.outcome, [word(outcomes, after.outcome ?? ""), after.cause === null ? "" : word(cases.causes, after.cause)].filter(Boolean).join(" · "), after.outcome !== null],
  ];
  return (
    <dl class={`replay__stood ${after.rings ? "replay__stood--rings" : ""}`} data-stood={after.state}>
      {rows
        .filter(([, , shown]) => shown)
        .map(([name, value]) => (
          <div key={name} class="replay__fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function All({ steps, at, go }: MovesProps) {
  const words = sayReplay();
  return (
    <section aria-label={words.steps}>
      <h2 class="page__subtitle">{words.steps}</h2>
      <ol class="replay__steps">
        {steps.map((step, index) => (
          <li key={index}>
            <button type="button" class="replay__step" aria-current={index === at ? "step" : undefined} onClick={() => go(index)}>
              <span class="number">{clock(step.at_ms)}</span> {whatOf(step)}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
