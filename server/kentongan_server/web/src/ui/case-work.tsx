// What is to be done while an incident lasts: the plan's steps, whom to call, the pass-phrase.

import type { TargetedSubmitEvent } from "preact";
import { moment } from "../format/time.ts";
import { language, say, word } from "../i18n/index.ts";
import type { CaseContact, CaseStep, Incident } from "../model/types.ts";
import { today } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { Done } from "./icons.tsx";
import type { Details } from "./timeline.tsx";

/** Where the keys G, H and F go. */
export const PLAN = "plan";
export const CONTACTS = "contacts";
export const PHRASE = "phrase";

const SAID_LENGTH = 400;
const RESULTS = ["reached", "not-reached", "wrong-number"];

export function Plan({ incident, details }: { readonly incident: Incident; readonly details: Details }) {
  const words = say().cases.plan;
  const steps = details.plan?.steps ?? [];
  const finished = steps.filter(isFinished).length;
  if (details.plan === null) return incident.state === "new" ? <p class="block__hint">{words.none}</p> : null;
  return (
    <section class="block" id={PLAN}>
      <h3 class="block__title">
        {words.heading(finished, steps.length)} <kbd>G</kbd>
      </h3>
      <ol class="plan">
        {steps.map((step) => (
          <Step key={step.key} step={step} incident={incident} />
        ))}
      </ol>
    </section>
  );
}

function isFinished(step: CaseStep): boolean {
  return step.done_by !== null;
}

function Step({ step, incident }: { readonly step: CaseStep; readonly incident: Incident }) {
  const { cases } = useConsole();
  const { cases: words, locale } = say();
  const over = isFinished(step);
  const closed = incident.state === "closed";
  const ticked = over && step.left_out === null;
  return (
    <li class={`plan__one ${over ? "plan__one--over" : ""}`} data-step={step.key} data-over={over ? "yes" : "no"}>
      <label class="plan__text">
        <input
          type="checkbox"
          checked={ticked}
          disabled={closed || ticked}
          onChange={(event) => {
            // The tick is the centre's: it stands when the centre has written it down, and not before.
            event.currentTarget.checked = ticked;
            void cases.step(incident.id, step.key, null);
          }}
        />
        <span>
          {step[language.value]} {step.mandatory && !over && <strong class="plan__must">{words.plan.mandatory}</strong>}
        </span>
      </label>
      {over ? (
        <span class="plan__note">
          {step.left_out !== null && `${words.plan.leftOut(step.left_out)} · `}
          {words.plan.doneBy(step.done_by ?? "", moment(step.done_at_ms ?? 0, today.value, locale))}
        </span>
      ) : (
        !closed && (
          <button type="button" class="link-button plan__skip" onClick={() => cases.askWhyLeftOut(incident.id, step.key)}>
            {words.plan.leaveOut}
            <span class="unseen">: {step[language.value]}</span>
          </button>
        )
      )}
    </li>
  );
}

export function Contacts({ incident, details }: { readonly incident: Incident; readonly details: Details }) {
  const words = say().cases.contacts;
  // Not before the plan is there: that of a hold-up begins with not calling the site, where the robber would hear it.
  if (incident.site === null || incident.state === "new" || incident.state === "closed") return null;
  return (
    <section class="block" id={CONTACTS}>
      <h3 class="block__title">
        {words.heading} <kbd>H</kbd>
      </h3>
      {details.contacts.length === 0 && <p class="block__hint">{words.none}</p>}
      <ul class="contacts">
        {details.contacts.map((contact) => (
          <Contact key={contact.id} contact={contact} incident={incident.id} />
        ))}
      </ul>
      <Phrase incident={incident} />
    </section>
  );
}

function Contact({ contact, incident }: { readonly contact: CaseContact; readonly incident: number }) {
  const { cases } = useConsole();
  const words = say().cases.contacts;
  return (
    <li class={`contacts__one ${contact.now ? "" : "contacts__one--later"}`} data-contact={contact.id}>
      <span class="contacts__who">
        <strong>{contact.name}</strong> <span class="contacts__role">{[contact.role, contact.now ? words.now : words.notNow].filter(Boolean).join(" · ")}</span>
      </span>
      <a class="contacts__number number" href={`tel:${contact.number.replace(/[^+\d]/g, "")}`}>
        {contact.number}
      </a>
      <span class="contacts__results" role="group" aria-label={contact.name}>
        {RESULTS.map((result) => (
          <button key={result} type="button" class="button button--small" onClick={() => void cases.called(incident, contact.id, result)}>
            {word(words.results, result)}
          </button>
        ))}
      </span>
    </li>
  );
}

/** What was said is compared in the centre; the right words are never shown to anybody. */
function Phrase({ incident }: { readonly incident: Incident }) {
  const { cases } = useConsole();
  const words = say().cases.phrase;
  const checked = cases.phrase.value;
  const said = checked?.incident === incident.id ? checked.said : null;
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = event.currentTarget;
    const spoken = String(new FormData(form).get("said") ?? "");
    if (spoken.trim() === "") return;
    form.reset();
    void cases.passPhrase(incident.id, spoken);
  }
  return (
    <form class="phrase" onSubmit={submit}>
      <label class="phrase__field">
        <span>{words.label}</span> <kbd>F</kbd>
        <input id={PHRASE} name="said" maxLength={SAID_LENGTH} autocomplete="off" spellcheck={false} />
      </label>
      <button type="submit" class="button button--small">
        {words.check}
      </button>
      <output class={`phrase__answer phrase__answer--${said ?? "none"}`} data-said={said ?? ""}>
        {said === "right" && <Done />}
        {said !== null && word({ right: words.right, wrong: words.wrong, duress: words.duress }, said)}
      </output>
    </form>
  );
}
