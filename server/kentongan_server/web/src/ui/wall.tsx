import { useRef } from "preact/hooks";
import { clock, date } from "../format/time.ts";
import { say } from "../i18n/index.ts";
import { ringsNow } from "../model/order.ts";
import { now } from "../state/clock.ts";
import { address } from "../state/route.ts";
import { useConsole } from "./context.ts";
import { centreAlarm, headline } from "./cut-off.tsx";
import { Flags } from "./flags.tsx";
import { useInView } from "./in-view.ts";
import { MapPane } from "./map-pane.tsx";
import { Cut } from "./page.tsx";
import { Priority } from "./priority.tsx";
import { Quiet } from "./quiet.tsx";
import { flagsOf, relevant, RunningTime, StateIcon, StateWord, whatAndWhere } from "./row.tsx";

/** Read across a room: what rings, what is in hand, where, what time it is. Nothing can be done here. */
export function WallPage() {
  const { incidents, leftOff, loaded, link } = useConsole();
  const { cases, queue, link: linkWords } = say();
  const ids = incidents.queue.value;
  // A number that nobody keeps up any more is read across the room as the truth.
  const counts = loaded.value ? cases.wall.counts(incidents.ringing.value.length, ids.length + leftOff.count.value) : linkWords.loading;
  const heading = link.view.value === "stale" ? linkWords.stale : counts;
  return (
    <div class="wall">
      <header class="wall__head">
        <h1 class="wall__counts">{heading}</h1>
        <WallClock />
        <a class="wall__leave" href={address("queue")}>
          {cases.wall.leave}
        </a>
      </header>
      <section class="wall__rows" aria-label={queue.heading} tabIndex={0}>
        {ids.length === 0 && <Quiet />}
        <ul class="rows">
          {ids.map((id) => (
            <WallRow key={id} id={id} />
          ))}
        </ul>
        {leftOff.count.value > 0 && <Cut>{queue.leftOff(leftOff.count.value)}</Cut>}
      </section>
      <MapPane chosen={null} />
    </div>
  );
}

/** By itself: the rows are not gone through every second. */
function WallClock() {
  const { time, locale } = say();
  return (
    <p class="wall__clock">
      <span class="wall__date">{date(now.value, locale)}</span> <time>{clock(now.value)}</time> <span class="wall__date">{time.zone}</span>
    </p>
  );
}

function WallRow({ id }: { readonly id: number }) {
  const row = useRef<HTMLLIElement>(null);
  const { incident, drawn } = useInView(id, row);
  if (!incident) return null;
  const ringing = ringsNow(incident);
  return (
    <li ref={row} class={`row wall__row row--${ringing ? "ringing" : "in-hand"}`} data-incident={id} data-ringing={ringing ? "yes" : "no"}>
      <div class="row__main">
        <StateIcon incident={incident} />
        <span class="row__site">{headline(incident, centreAlarm(relevant(incident)))}</span>
        <RunningTime incident={incident} runs={drawn} />
        <span class="row__what">{whatAndWhere(incident)}</span>
        <span class="row__facts">
          <Priority incident={incident} />
          <StateWord incident={incident} />
          <Flags flags={flagsOf(incident)} />
        </span>
      </div>
    </li>
  );
}
