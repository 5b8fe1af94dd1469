import type { ComponentChildren, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { moment } from "../format/time.ts";
import { say } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { buttonsOf, mayMergeInto } from "../model/acts.ts";
import type { Incident } from "../model/types.ts";
import { centreNow, today } from "../state/clock.ts";
import type { Question } from "../state/case-desk.ts";
import { reason } from "../state/failures.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { placeOf } from "./place.ts";
import { whatAndWhere } from "./row.tsx";

const MINUTE_MS = 60_000;
/** What is waited for takes so long: a call back, a unit's report, a witness; at most an hour without a look. */
const PARK_MINUTES = [5, 10, 15, 30, 60];
const TO_LENGTH = 200;
const WHY_LENGTH = 4_000;
const LEFT_OUT_LENGTH = 300;

/** Asks what an act needs, then does it. */
export function ActDialog({ question }: { readonly question: Question }) {
  const console = useConsole();
  const words = say().cases;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const incident = console.incidents.find(question.incident)?.value;
  if (!incident) return null;
  const { act } = question;
  const cancel = (): void => console.cases.close();
  const title = titleOf(question, incident);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const field = new FormData(event.currentTarget).get("value");
    const value = String(field ?? "").trim();
    if (value === "" && !MAY_BE_EMPTY.includes(act)) {
      setFailure(words.missing);
      event.currentTarget.querySelector<HTMLElement>("input, textarea")?.focus();
      return;
    }
    setBusy(true);
    try {
      if (act === "left-out") await console.cases.step(question.incident, question.step ?? "", value);
      else await console.cases.carryOut(act, question.incident, bodyOf(act, value));
    } catch (error) {
      setBusy(false);
      if (!console.lostSession(error)) setFailure(words.failed(reason(error)));
    }
  }

  return (
    <Dialog label={title} close={cancel}>
      <form class="form" noValidate onSubmit={submit}>
        <h2 class="dialog__title">{title}</h2>
        <p class="dialog__about">
          <strong>{whereIs(incident)}</strong> · {whatAndWhere(incident)}
        </p>
        <Fields question={question} incident={incident} />
        {failure !== null && (
          <p class="message message--bad" role="alert">
            {failure}
          </p>
        )}
        <div class="dialog__actions">
          <button type="button" class="button" onClick={cancel}>
            {words.cancel}
          </button>
          <button type="submit" class="button button--primary" disabled={busy}>
            {busy ? words.busy : act === "left-out" ? words.plan.leaveOut : words.acts[act].name}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const MAY_BE_EMPTY: readonly Question["act"][] = ["take", "withdraw", "reopen"];

function titleOf({ act }: Question, incident: Incident): string {
  const words = say().cases;
  if (act === "left-out") return words.plan.leaveOutTitle;
  return act === "take" ? words.takeOver(incident.owner ?? "") : words.acts[act].name;
}

function bodyOf(act: Question["act"], value: string): object {
  switch (act) {
    case "take":
      return { over: true };
    case "dispatch":
      return { to: value };
    case "park":
      return { until_ms: Math.round(centreNow() + Number(value) * MINUTE_MS) };
    case "merge":
      return { into: Number(value) };
    case "split":
      return { device: value };
    case "note":
      return { text: value };
    default:
      return { why: value };
  }
}

function Fields({ question, incident }: { readonly question: Question; readonly incident: Incident }) {
  const words = say().cases;
  switch (question.act) {
    case "take":
      return <p>{words.takeOverAsk(incident.owner ?? "")}</p>;
    case "dispatch":
      return (
        <label class="field">
          <span class="field__label">{words.dispatchTo}</span>
          <input name="value" required maxLength={TO_LENGTH} autocomplete="off" autofocus aria-describedby="act-hint" />
          <span id="act-hint" class="field__hint">
            {words.dispatchHint}
          </span>
        </label>
      );
    case "park":
      return (
        <Choices legend={words.parkUntil}>
          {PARK_MINUTES.map((minutes, index) => (
            <Choice key={minutes} value={String(minutes)} checked={index === 0}>
              {words.minutes(minutes)}
            </Choice>
          ))}
        </Choices>
      );
    case "merge":
      return <MergeChoices from={incident} />;
    case "split":
      return (
        <Choices legend={words.splitWhich}>
          {buttonsOf(incident.alarms).map((alarm) => (
            <Choice key={alarm.device} value={alarm.device ?? ""} checked={false}>
              {placeOf(alarm.post)} <code class="code">{alarm.device}</code>
            </Choice>
          ))}
        </Choices>
      );
    default:
      return <Words question={question} />;
  }
}

function Words({ question: { act } }: { readonly question: Question }) {
  const words = say().cases;
  const label = act === "note" ? words.noteText : MAY_BE_EMPTY.includes(act) ? words.whyOptional : words.why;
  return (
    <label class="field">
      <span class="field__label">{label}</span>
      <textarea name="value" rows={3} maxLength={act === "left-out" ? LEFT_OUT_LENGTH : WHY_LENGTH} autofocus />
    </label>
  );
}

function MergeChoices({ from }: { readonly from: Incident }) {
  const { incidents } = useConsole();
  const { cases: words, locale } = say();
  const others = [...incidents.queue.value, ...incidents.review.value]
    .map((id) => incidents.find(id)?.value)
    .filter((other): other is Incident => other !== undefined && mayMergeInto(from, other));
  if (others.length === 0) return <p>{words.mergeNone}</p>;
  return (
    <Choices legend={words.mergeInto}>
      {others.map((other) => (
        <Choice key={other.id} value={String(other.id)} checked={others.length === 1}>
          {say().incident.number(other.id)} · {whereIs(other)} · {whatAndWhere(other)} · {moment(other.opened_at_ms, today.value, locale)}
        </Choice>
      ))}
    </Choices>
  );
}

function Choices({ legend, children }: { readonly legend: string; readonly children: ComponentChildren }) {
  return (
    <fieldset class="choices">
      <legend class="field__label">{legend}</legend>
      <div class="choices__list">{children}</div>
    </fieldset>
  );
}

function Choice({ value, checked, children }: { readonly value: string; readonly checked: boolean; readonly children: ComponentChildren }) {
  return (
    <label class="choices__one">
      <input type="radio" name="value" value={value} defaultChecked={checked} required />
      <span>{children}</span>
    </label>
  );
}
