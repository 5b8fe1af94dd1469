import { useEffect, useState } from "preact/hooks";
import { moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import type { Incident, TimelineEntry } from "../model/types.ts";
import { now } from "../state/clock.ts";
import { reason } from "../state/console.ts";
import { useConsole } from "./context.ts";

/** Panicked presses come several a second: the history is read again at most this often. */
const READ_EVERY_MS = 400;

/** What happened, in order, as the centre's history holds it. */
export function Timeline({ incident }: { readonly incident: Incident }) {
  const { entries, fault } = useTimeline(incident);
  const words = say().incident;
  return (
    <section class="block">
      <h3 class="block__title">{words.timeline}</h3>
      {fault !== null && (
        <p class="message message--bad" role="alert">
          {words.timelineFailed(fault)}
        </p>
      )}
      <ol class="timeline">
        {entries.map((entry) => (
          <Entry key={`${entry.position} ${entry.what}`} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ entry }: { readonly entry: TimelineEntry }) {
  const words = say();
  const detail = entry.what === "closed" && entry.detail ? word(words.outcomes, entry.detail) : entry.detail;
  return (
    <li class="timeline__one" data-what={entry.what}>
      <time class="timeline__when">{moment(entry.at_ms, now.value, words.locale)}</time>
      <span class="timeline__what">
        {word(words.incident.whats, entry.what)}
        {detail && <span class="timeline__detail"> {detail}</span>}
      </span>
      <span class="timeline__who">{entry.who ?? words.incident.system}</span>
    </li>
  );
}

function useTimeline(incident: Incident): { entries: readonly TimelineEntry[]; fault: string | null } {
  const console = useConsole();
  const [entries, setEntries] = useState<readonly TimelineEntry[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    const read = async (): Promise<void> => {
      try {
        const answer = await console.api.incident(incident.id);
        if (!current) return;
        setEntries(answer.timeline);
        setFault(null);
      } catch (error) {
        if (current && !console.lostSession(error)) setFault(reason(error));
      }
    };
    const timer = setTimeout(() => void read(), entries.length === 0 ? 0 : READ_EVERY_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [console, incident]);
  return { entries, fault };
}
