// Rows that the browser draws only while they are in view (`content-visibility: auto` in queue.css).

import { computed, effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { Incident } from "../model/types.ts";
import { useConsole } from "./context.ts";

interface InView {
  readonly incident: Incident | undefined;
  /** False while the row is scrolled away. */
  readonly drawn: boolean;
}

/**
 * The incident of a row, and again with each change of it. While the row is scrolled away that is only when it changes
 * hands: in a flood hundreds of rows are pressed on at once, and each would be drawn again for nobody.
 */
export function useInView(id: number, row: { readonly current: HTMLElement | null }): InView {
  const console = useConsole();
  const held = console.incidents.find(id);
  const drawn = useDrawn(row);
  const hands = useMemo(() => computed(() => (held === null ? "" : handsOf(held.value))), [held]);
  if (!drawn) void hands.value;
  const incident = (drawn ? held?.value : held?.peek()) ?? undefined;
  useEffect(() => {
    // Answered ones as well: one that rings again later must be seen again.
    if (incident) console.drawn(incident);
  }, [console, incident]);
  // It stands in the list that the operator works through: a key answers it as if it were in view.
  useEffect(() => (drawn || held === null ? undefined : effect(() => console.drawn(held.value))), [console, held, drawn]);
  return { incident, drawn };
}

function handsOf({ state, ringing, owner, priority }: Incident): string {
  return [state, ringing, owner, priority].join(" ");
}

/** Whether the browser draws the element; true until it says otherwise, and always where it does not say. */
function useDrawn(element: { readonly current: HTMLElement | null }): boolean {
  const [drawn, setDrawn] = useState(true);
  // Before the first frame, in which the browser tells of what it leaves out.
  useLayoutEffect(() => {
    const watched = element.current;
    const changed = (event: Event): void => {
      if (event.target === watched) setDrawn(!(event as ContentVisibilityAutoStateChangeEvent).skipped);
    };
    watched?.addEventListener("contentvisibilityautostatechange", changed);
    return () => watched?.removeEventListener("contentvisibilityautostatechange", changed);
  }, [element]);
  return drawn;
}
