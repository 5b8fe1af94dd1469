import { say } from "../i18n/index.ts";
import { address } from "../state/route.ts";
import { useConsole } from "./context.ts";
import { Ringing } from "./icons.tsx";
import { centreAlarm, headline } from "./cut-off.tsx";
import { AcknowledgeButton, relevant, whatAndWhere } from "./row.tsx";

/** In a dialog no link: the focus would begin on it, and Enter would leave the page instead of answering. */
function Others({ count, leads }: { readonly count: number; readonly leads: boolean }) {
  const text = say().queue.alsoRinging(count);
  return leads ? <a href={address("queue")}>{text}</a> : <span>{text}</span>;
}

/** The most urgent ringing alarm, on pages and in dialogs where the queue is not in view. */
export function RingStrip({ byEnter = true }: { readonly byEnter?: boolean }) {
  const console = useConsole();
  const ringing = console.incidents.ringing.value;
  const first = ringing[0];
  const incident = first === undefined ? undefined : console.incidents.find(first)?.value;
  if (!incident) return null;
  const words = say();
  return (
    <section class="strip" aria-label={words.queue.ringing(ringing.length)} data-strip={incident.id}>
      <Ringing class="strip__icon" />
      <p class="strip__text">
        <strong>{words.queue.unanswered}</strong> · <strong>{headline(incident, centreAlarm(relevant(incident)))}</strong> ·{" "}
        {whatAndWhere(incident)}{" "}
        {ringing.length > 1 && <Others count={ringing.length - 1} leads={byEnter} />}
      </p>
      <AcknowledgeButton incident={incident} byEnter={byEnter} />
    </section>
  );
}
