import { say } from "../i18n/index.ts";
import { useConsole } from "./context.ts";
import { Kentongan } from "./icons.tsx";

/** Says "no alarms" only when that is known. */
export function Quiet() {
  const { loaded, loadFault, link } = useConsole();
  const words = say();
  if (!loaded.value) {
    const fault = loadFault.value;
    return (
      <div class="quiet">
        <p class="quiet__head">{fault === null ? words.link.loading : words.link.snapshotFailed(fault)}</p>
      </div>
    );
  }
  const known = link.view.value !== "stale";
  return (
    <div class="quiet" data-quiet={known ? "yes" : "unknown"}>
      <Kentongan class="quiet__drum" />
      <p class="quiet__head">{known ? words.queue.quiet : words.link.stale}</p>
      <p>{known ? words.queue.quietAdvice : words.link.advice}</p>
    </div>
  );
}
