import { useLayoutEffect, useRef } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { useConsole } from "./context.ts";
import { IncidentPane } from "./incident.tsx";
import { useFocusIn } from "./kept-focus.ts";
import { focusRow, ROW } from "./keys.ts";
import { Cut } from "./page.tsx";
import { Quiet } from "./quiet.tsx";
import { Row } from "./row.tsx";

/** So many rows of one kind are more than a screen shows. */
const FLOOD = 20;

/** Open incidents on the left, the selected one on the right. */
export function QueuePage() {
  const { selected } = useConsole();
  const queue = useRef<HTMLElement>(null);
  useKeptFocus(queue);
  const words = say().queue;
  return (
    <div class="desk">
      <section ref={queue} class="queue" aria-label={words.heading}>
        <h1 class="unseen">{words.heading}</h1>
        <Lists />
      </section>
      <IncidentPane id={selected.value} />
    </div>
  );
}

/** By themselves: hundreds of rows are not gone through when the selection moves. */
function Lists() {
  const { incidents, leftOff } = useConsole();
  const ringing = incidents.ringing.value;
  const review = incidents.review.value;
  const loud = new Set(ringing);
  const inHand = incidents.queue.value.filter((id) => !loud.has(id));
  const words = say().queue;
  return (
    <>
      {ringing.length > 0 && <Group heading={words.ringing(ringing.length)} ids={ringing} loud />}
      {inHand.length > 0 && <Group heading={words.inHand(inHand.length)} ids={inHand} />}
      {incidents.queue.value.length === 0 && <Quiet />}
      {review.length > 0 && <ReviewLane ids={review} />}
      {leftOff.count.value > 0 && <Cut>{words.leftOff(leftOff.count.value)}</Cut>}
    </>
  );
}

function Group({ heading, ids, loud = false }: { readonly heading: string; readonly ids: readonly number[]; readonly loud?: boolean }) {
  return (
    <>
      <h2 class={`queue__heading ${loud ? "queue__heading--loud" : ""}`}>{heading}</h2>
      <ul class={`rows ${ids.length >= FLOOD ? "rows--flood" : ""}`}>
        {ids.map((id) => (
          <Row key={id} id={id} />
        ))}
      </ul>
    </>
  );
}

/** Old presses that a restored centre was handed again: below everything else, without haste. */
function ReviewLane({ ids }: { readonly ids: readonly number[] }) {
  const words = say().review;
  return (
    <section class="review" aria-labelledby="review-heading">
      <h2 id="review-heading" class="queue__heading">
        {words.heading(ids.length)}
      </h2>
      <p class="review__advice">{words.advice}</p>
      <ul class="rows">
        {ids.map((id) => (
          <Row key={id} id={id} />
        ))}
      </ul>
    </section>
  );
}

/**
 * Keeps the focus in the queue when its row is moved or its button goes away, and moves it along with
 * the selection: the row that has the focus is the row that Enter acts on.
 */
function useKeptFocus(queue: { readonly current: HTMLElement | null }): void {
  const { incidents, selected } = useConsole();
  const inside = useFocusIn(queue, anywhere);
  const target = selected.value;
  // Looked after again whenever rows may have moved.
  void [incidents.queue.value, incidents.ringing.value, incidents.review.value];
  useLayoutEffect(() => {
    const focused = document.activeElement;
    const lost = inside.current !== null && (focused === null || focused === document.body);
    const onOtherRow = focused?.hasAttribute(ROW) && focused.getAttribute(ROW) !== String(target);
    if ((lost || onOtherRow) && !document.querySelector("dialog[open]")) focusRow(target);
  });
}

function anywhere(): true {
  return true;
}
