import { useComputed } from "@preact/signals";
import { say } from "../i18n/index.ts";
import { useConsole } from "./context.ts";
import { Review } from "./icons.tsx";

/** Shown while an open incident belongs to a drill, so that nobody takes it for real. */
export function DrillBand() {
  const { incidents } = useConsole();
  const { head, advice } = say().cases.drill;
  const open = useComputed(() => [...incidents.queue.value, ...incidents.review.value]);
  const drills = useComputed(() => open.value.filter((id) => (incidents.find(id)?.value.drill ?? 0) !== 0).length).value;
  if (drills === 0) return null;
  return (
    <section class="drill" aria-label={head} data-drill={drills}>
      <Review />
      <strong class="drill__head">{head}</strong> <span>{advice}</span>
    </section>
  );
}
