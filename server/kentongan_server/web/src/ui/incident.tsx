import { elapsed, moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { reminderOf } from "../i18n/where.ts";
import { mayClose } from "../model/acts.ts";
import { isForReview, madeByCentre, OUTAGE, owesAnswer, ringsNow } from "../model/order.ts";
import type { Incident } from "../model/types.ts";
import { now, today } from "../state/clock.ts";
import { ActBar } from "./act-bar.tsx";
import { AlarmTable } from "./alarm-table.tsx";
import { Contacts, Plan } from "./case-work.tsx";
import { useConsole } from "./context.ts";
import { centreAlarm, CutOff, headline, kindWords } from "./cut-off.tsx";
import { Kentongan } from "./icons.tsx";
import { MapPane } from "./map-pane.tsx";
import { Path } from "./path.tsx";
import { ReceiptSteps } from "./receipt-steps.tsx";
import { useStays } from "./passing.ts";
import { IncidentPlan } from "./site-picture.tsx";
import { Priority } from "./priority.tsx";
import { placeOf } from "./place.ts";
import { AcknowledgeButton, relevant, StateWord } from "./row.tsx";
import { Timeline, useDetails } from "./timeline.tsx";

/** Who, where, what and what was done, of the selected incident. */
export function IncidentPane({ id }: { readonly id: number | null }) {
  const console = useConsole();
  const incident = id === null ? undefined : console.incidents.find(id)?.value;
  const words = say().incident;
  return (
    <section id="incident" class={`pane ${incident && ringsNow(incident) ? "pane--ringing" : ""}`} aria-label={words.label} tabIndex={-1}>
      {incident ? <IncidentView key={incident.id} incident={incident} /> : <Nothing />}
      <MapPane chosen={incident?.id ?? null} />
    </section>
  );
}

function Nothing() {
  const words = say().incident;
  return (
    <div class="quiet">
      <Kentongan class="quiet__drum" />
      <p class="quiet__head">{words.none}</p>
      <p>{words.noneAdvice}</p>
    </div>
  );
}

function IncidentView({ incident }: { readonly incident: Incident }) {
  const words = say().incident;
  const newest = incident.alarms.findLast((alarm) => !madeByCentre(alarm));
  const made = centreAlarm(relevant(incident));
  const stays = useStays();
  const details = useDetails(incident, stays);
  return (
    <>
      <div class="pane__main" role="region" aria-label={words.number(incident.id)} tabIndex={0}>
      <header class="pane__head">
        <p class="pane__over">
          <StateWord incident={incident} /> <Priority incident={incident} /> <span class="pane__number">{words.number(incident.id)}</span>
        </p>
        <h2 class="pane__site">{headline(incident, made)}</h2>
        {made?.kind !== OUTAGE && <p class="pane__address">{incident.site?.address || incident.place?.address || words.noAddress}</p>}
        {made?.kind !== OUTAGE && <Places incident={incident} />}
        <Standing incident={incident} />
        <Actions incident={incident} />
      </header>
      <ActBar incident={incident} />
      {incident.state === "closed" && <Ending incident={incident} />}
      {incident.state !== "closed" && isForReview(incident) && <p class="message message--quiet">{say().review.note}</p>}
      {made && <CutOff alarm={made} incident={incident} />}
      <Calls incident={incident} />
      <div class="pane__pair">
        <Plan incident={incident} details={details} />
        <Contacts incident={incident} details={details} />
      </div>
      {newest && (
        <div class="pane__pair">
          <Path alarm={newest} />
          <ReceiptSteps alarm={newest} drilled={incident.drill !== 0} />
        </div>
      )}
      {stays && <IncidentPlan incident={incident} />}
      {details.alarms.length > 0 && <AlarmTable alarms={details.alarms} older={details.leftOff.alarms} quiet={isForReview(incident)} />}
      </div>
      <Timeline details={details} byCentre={incident.alarms.length > 0 && incident.alarms.every(madeByCentre)} />
    </>
  );
}

/** Who has it, who was sent, until when it waits. */
function Standing({ incident }: { readonly incident: Incident }) {
  const console = useConsole();
  const { cases: words, time } = say();
  if (incident.state === "new" || incident.state === "closed") return null;
  const mine = incident.owner !== null && incident.owner === console.signedIn?.name;
  const owner = incident.owner === null ? words.nobody : mine ? words.mine(incident.owner) : incident.owner;
  const facts = [
    `${words.owner}: ${owner}`,
    incident.dispatched_to !== null && words.dispatchedTo(incident.dispatched_to),
    incident.parked_until_ms !== null && words.parkedFor(elapsed(incident.parked_until_ms - now.value, time.days)),
    reminderOf(incident),
    incident.split_from !== null && words.splitFrom(incident.split_from),
  ];
  return <p class="pane__standing">{facts.filter(Boolean).join(" · ")}</p>;
}

/** What was told by phone. */
function Calls({ incident }: { readonly incident: Incident }) {
  const { cases: words, locale } = say();
  if (incident.calls.length === 0) return null;
  return (
    <ul class="calls">
      {incident.calls.map((call) => (
        <li key={call.id} class="calls__one" data-call={call.id}>
          <strong>
            {words.caller}: {call.name ?? "–"}
          </strong>{" "}
          {call.number !== null && <span class="number">{call.number}</span>} <span class="fact">{moment(call.taken_at_ms, today.value, locale)}</span>{" "}
          {call.pranks > 0 && <span class="flag">{words.pranks(call.pranks)}</span>}
          {call.words !== null && <p class="calls__words">{call.words}</p>}
        </li>
      ))}
    </ul>
  );
}

/** Each post that was pressed, with its variant and what it reports. */
function Places({ incident }: { readonly incident: Incident }) {
  const places = new Map(incident.alarms.map((alarm) => [`${alarm.device} ${alarm.kind}`, alarm]));
  const { categories, byPhone } = say().cases;
  return (
    <ul class="places">
      {places.size === 0 && (
        <li class="places__one">
          <strong>{word(categories, incident.category)}</strong>
          {incident.source === "call" && <span>{byPhone}</span>}
        </li>
      )}
      {[...places.entries()].map(([key, alarm]) => (
        <li key={key} class="places__one">
          <strong>{kindWords(alarm, incident)}</strong>
          {!madeByCentre(alarm) && <span>{placeOf(alarm.post)}</span>}
          {!madeByCentre(alarm) && <code class="code">{alarm.device}</code>}
        </li>
      ))}
    </ul>
  );
}

function Actions({ incident }: { readonly incident: Incident }) {
  const console = useConsole();
  const words = say().incident;
  const session = console.signedIn;
  if (incident.state === "closed" || session === null) return null;
  const owed = owesAnswer(incident);
  return (
    <div class="pane__actions">
      {owed && <AcknowledgeButton incident={incident} byEnter={ringsNow(incident)} />}
      {mayClose(session) && <button
        type="button"
        class="button"
        aria-disabled={owed ? "true" : undefined}
        aria-keyshortcuts="c"
        title={owed ? words.closeFirst : undefined}
        onClick={() => console.openClosing(incident.id)}
      >
        {words.close} <kbd>C</kbd>
      </button>}
    </div>
  );
}

function Ending({ incident }: { readonly incident: Incident }) {
  const { incident: words, outcomes, locale } = say();
  return (
    <dl class="facts">
      <dt>{words.outcome}</dt>
      <dd>
        {word(outcomes, incident.outcome ?? "")}
        {incident.cause !== null && ` · ${word(say().cases.causes, incident.cause)}`}
      </dd>
      <dt>{words.closedAt}</dt>
      <dd>{incident.closed_at_ms === null ? words.timeUnknown : moment(incident.closed_at_ms, today.value, locale)}</dd>
      <dt>{words.owner}</dt>
      <dd>{incident.owner ?? words.system}</dd>
      {incident.merged_into !== null && <dt>{say().cases.acts.merge.name}</dt>}
      {incident.merged_into !== null && <dd>{say().cases.mergedInto(incident.merged_into)}</dd>}
      {incident.note && <dt>{words.note}</dt>}
      {incident.note && <dd class="facts__note">{incident.note}</dd>}
    </dl>
  );
}
