import { useEffect, useState } from "preact/hooks";
import { moment } from "../format/time.ts";
import { language, say, word } from "../i18n/index.ts";
import { newerOf } from "../model/answer.ts";
import type { Alarm, CaseContact, CasePlan, Incident, IncidentWithTimeline, TimelineEntry } from "../model/types.ts";
import { today } from "../state/clock.ts";
import { reason } from "../state/failures.ts";
import { useConsole } from "./context.ts";
import { plainWay } from "./ways.tsx";

/** Panicked presses come several a second: the history is read again at most this often. */
const READ_EVERY_MS = 400;

const NOTHING = { alarms: 0, timeline: 0 };

export interface Details {
  readonly entries: readonly TimelineEntry[];
  /** Its newest hundreds; lists and stream hold fewer. */
  readonly alarms: readonly Alarm[];
  /** How many older ones there are. */
  readonly leftOff: { readonly alarms: number; readonly timeline: number };
  readonly plan: CasePlan | null;
  readonly contacts: readonly CaseContact[];
  readonly fault: string | null;
}

/** What happened, in order, as the centre's history holds it; `byCentre` when no button was pressed. */
export function Timeline({ details: { entries, leftOff, fault, plan }, byCentre }: { readonly details: Details; readonly byCentre: boolean }) {
  const words = say().incident;
  return (
    <section class="block pane__time" aria-label={words.timeline} tabIndex={0}>
      <h3 class="block__title">{words.timeline}</h3>
      {fault !== null && (
        <p class="message message--bad" role="alert">
          {words.timelineFailed(fault)}
        </p>
      )}
      {leftOff.timeline > 0 && <p class="block__hint">{words.timelineMore(leftOff.timeline)}</p>}
      <ol class="timeline">
        {entries.map((entry) => (
          <Entry key={`${entry.position} ${entry.what}`} entry={entry} plan={plan} byCentre={byCentre} />
        ))}
      </ol>
    </section>
  );
}

interface EntryProps {
  readonly entry: TimelineEntry;
  readonly plan: CasePlan | null;
  readonly byCentre: boolean;
}

function Entry({ entry, plan, byCentre }: EntryProps) {
  const words = say();
  const detail = factWords(entry, plan) ?? (entry.detail && detailWords(entry.what, entry.detail));
  return (
    <li class="timeline__one" data-what={entry.what}>
      <time class="timeline__when">{moment(entry.at_ms, today.value, words.locale)}</time>
      <span class="timeline__what">
        {byCentre && entry.what === "alarm" ? words.cutOff.rang : word(words.incident.whats, entry.what)}
        {detail && <span class="timeline__detail"> {detail}</span>}
        {entry.words && <span class="timeline__words">{entry.words}</span>}
      </span>
      <span class="timeline__who">{entry.who ?? words.incident.system}</span>
    </li>
  );
}

/** What the facts of an act add to its name; null where `detail` says it. */
export function factWords({ what, facts }: Pick<TimelineEntry, "what" | "facts">, plan: CasePlan | null): string | null {
  const { cases, outcomes, locale } = say();
  const text = (name: string): string => String(facts[name] ?? "");
  switch (what) {
    case "closed":
      return [word(outcomes, text("outcome")), facts["cause"] ? word(cases.causes, text("cause")) : ""].filter(Boolean).join(" · ");
    case "parked":
      return typeof facts["until_ms"] === "number" ? `→ ${moment(facts["until_ms"], today.value, locale)}` : null;
    case "merged":
    case "split":
      return text("into");
    case "merged-in":
    case "split-off":
      return text("from");
    case "called":
      return word(cases.contacts.results, text("result"));
    case "pass-phrase":
      return word({ right: cases.phrase.right, wrong: cases.phrase.wrong, duress: cases.phrase.duress }, text("result"));
    case "dispatched":
      return text("to") || null;
    case "step":
      return plan?.steps.find((step) => step.key === text("step"))?.[language.value] ?? text("step");
    default:
      return null;
  }
}

/** How much an answer left, or flags: "late, moved". */
function detailWords(what: string, detail: string): string {
  const { flags, incident } = say();
  if (what === "also") return plainWay(detail).word;
  if (what === "acknowledged") return incident.notCovered(Number(detail));
  return detail
    .split(", ")
    .map((flag) => flags[flag]?.word ?? flag)
    .join(", ");
}

/** Reads the incident by itself once it is `wanted`, again after every change of it; the answer to an act is taken at once. */
export function useDetails(incident: Incident, wanted: boolean): Details {
  const console = useConsole();
  const [read, setAnswer] = useState<IncidentWithTimeline | null>(null);
  const acted = console.cases.newest.value;
  const answer = newerOf(incident.id, read, acted);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    if (!wanted) return undefined;
    let current = true;
    const ask = async (): Promise<void> => {
      try {
        const answered = await console.api.incident(incident.id);
        if (!current) return;
        setAnswer(answered);
        setFault(null);
      } catch (error) {
        if (current && !console.lostSession(error)) setFault(reason(error));
      }
    };
    const timer = setTimeout(() => void ask(), read === null ? 0 : READ_EVERY_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [console, incident, wanted]);
  return {
    entries: answer?.timeline ?? [],
    alarms: withOlder(answer?.alarms ?? [], incident.alarms),
    leftOff: answer?.left_off ?? NOTHING,
    plan: answer?.plan ?? null,
    contacts: answer?.contacts ?? [],
    fault,
  };
}

/** The stream's alarms are the newest word; what it no longer carries comes from the incident read by itself. */
function withOlder(all: readonly Alarm[], newest: readonly Alarm[]): readonly Alarm[] {
  const first = newest[0]?.id ?? Infinity;
  return [...all.filter((alarm) => alarm.id < first), ...newest];
}
