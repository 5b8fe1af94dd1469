import { useEffect, useState } from "preact/hooks";
import { moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import type { Alarm, Incident, IncidentWithTimeline, TimelineEntry } from "../model/types.ts";
import { now } from "../state/clock.ts";
import { reason } from "../state/console.ts";
import { useConsole } from "./context.ts";
import { plainWay } from "./ways.tsx";

/** Panicked presses come several a second: the history is read again at most this often. */
const READ_EVERY_MS = 400;

export interface Details {
  readonly entries: readonly TimelineEntry[];
  /** All alarms; lists and stream hold only the newest. */
  readonly alarms: readonly Alarm[];
  readonly fault: string | null;
}

/** What happened, in order, as the centre's history holds it; `byCentre` when no button was pressed. */
export function Timeline({ details: { entries, fault }, byCentre }: { readonly details: Details; readonly byCentre: boolean }) {
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
          <Entry key={`${entry.position} ${entry.what}`} entry={entry} byCentre={byCentre} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ entry, byCentre }: { readonly entry: TimelineEntry; readonly byCentre: boolean }) {
  const words = say();
  const detail = entry.detail && detailWords(entry.what, entry.detail);
  return (
    <li class="timeline__one" data-what={entry.what}>
      <time class="timeline__when">{moment(entry.at_ms, now.value, words.locale)}</time>
      <span class="timeline__what">
        {byCentre && entry.what === "alarm" ? words.cutOff.rang : word(words.incident.whats, entry.what)}
        {detail && <span class="timeline__detail"> {detail}</span>}
      </span>
      <span class="timeline__who">{entry.who ?? words.incident.system}</span>
    </li>
  );
}

/** An outcome, how much an answer left, or flags: "late, moved". */
function detailWords(what: string, detail: string): string {
  const { flags, incident, outcomes } = say();
  if (what === "closed") return word(outcomes, detail);
  if (what === "also") return plainWay(detail).word;
  if (what === "acknowledged") return incident.notCovered(Number(detail));
  return detail
    .split(", ")
    .map((flag) => flags[flag]?.word ?? flag)
    .join(", ");
}

/** Reads the incident by itself, again after every change of it. */
export function useDetails(incident: Incident): Details {
  const console = useConsole();
  const [answer, setAnswer] = useState<IncidentWithTimeline | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    const read = async (): Promise<void> => {
      try {
        const answered = await console.api.incident(incident.id);
        if (!current) return;
        setAnswer(answered);
        setFault(null);
      } catch (error) {
        if (current && !console.lostSession(error)) setFault(reason(error));
      }
    };
    const timer = setTimeout(() => void read(), answer === null ? 0 : READ_EVERY_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [console, incident]);
  return { entries: answer?.timeline ?? [], alarms: withOlder(answer?.alarms ?? [], incident.alarms), fault };
}

/** The stream's alarms are the newest word; what it no longer carries comes from the incident read by itself. */
function withOlder(all: readonly Alarm[], newest: readonly Alarm[]): readonly Alarm[] {
  const first = newest[0]?.id ?? Infinity;
  return [...all.filter((alarm) => alarm.id < first), ...newest];
}
