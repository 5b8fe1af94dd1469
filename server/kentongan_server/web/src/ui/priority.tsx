import { say, word } from "../i18n/index.ts";
import type { Incident } from "../model/types.ts";

/** How many bars of the mark are filled; a priority that this console does not know counts as the first. */
const BARS: Readonly<Record<number, number>> = { 2: 2, 3: 1, 4: 0 };
const ALL_BARS = 3;

/** The priority as a shape and a word: nobody needs to tell colours apart. */
export function Priority({ incident }: { readonly incident: Incident }) {
  const words = say().cases;
  const filled = BARS[incident.priority] ?? ALL_BARS;
  const text = word(words.priorities, String(incident.priority));
  return (
    <span class="priority" data-priority={incident.priority} title={words.priority(text)}>
      <svg class="priority__mark" viewBox="0 0 18 14" aria-hidden="true" focusable="false">
        {Array.from({ length: ALL_BARS }, (_, bar) => (
          <rect key={bar} class={bar < filled ? "priority__full" : "priority__empty"} x={1 + bar * 6} y={9 - bar * 4} width="4" height={4 + bar * 4} />
        ))}
      </svg>
      {text}
    </span>
  );
}
