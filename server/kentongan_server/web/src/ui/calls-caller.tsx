import { moment } from "../format/time.ts";
import { sayCalls } from "../i18n/calls.ts";
import { say, word } from "../i18n/index.ts";
import { today } from "../state/clock.ts";
import type { Caller } from "../state/calls.ts";
import { useConsole } from "./context.ts";

/** Who has called with the number on the screen before. */
export function CallerCard() {
  const { calls } = useConsole();
  const words = sayCalls().caller;
  const known = calls.known.value;
  return (
    <section class="caller" aria-labelledby="caller-heading" aria-live="polite" data-known={known.is}>
      <h2 id="caller-heading" class="field__label">
        {words.heading}
      </h2>
      {known.is === "none" && <p class="field__hint">{words.none}</p>}
      {known.is === "looking" && <p class="field__hint">{words.looking}</p>}
      {known.is === "unreadable" && <p class="message message--bad">{words.badNumber}</p>}
      {known.is === "failed" && (
        <p class="message message--bad">
          {words.failed(known.why)}{" "}
          <button type="button" class="link-button" onClick={() => void calls.look()}>
            {say().list.again}
          </button>
        </p>
      )}
      {known.is === "here" && <History caller={known.caller} />}
    </section>
  );
}

function History({ caller }: { readonly caller: Caller }) {
  const { calls } = useConsole();
  const { cases, outcomes, locale } = say();
  const words = sayCalls().caller;
  if (caller.calls === 0) {
    return (
      <>
        <p>{words.first}</p>
        <p class="field__hint">{words.afterSaving}</p>
      </>
    );
  }
  return (
    <>
      <p class="caller__sum">
        <strong>{words.known(caller.calls)}</strong> {caller.pranks > 0 && <strong class="caller__pranks">{words.pranks(caller.pranks)}</strong>}
        <button type="button" class="button button--small" onClick={() => void calls.mark(true)}>
          {words.mark}
        </button>
        {caller.pranks > 0 && (
          <button type="button" class="button button--small" onClick={() => void calls.mark(false)}>
            {words.unmark}
          </button>
        )}
      </p>
      <ol class="caller__list">
        {caller.newest.map((call) => (
          <li key={`${call.incident} ${call.at_ms}`} class="caller__one">
            <time class="number">{moment(call.at_ms, today.value, locale)}</time> {word(cases.categories, call.category)} ·{" "}
            {call.outcome === null ? words.openStill : word(outcomes, call.outcome)} · {words.incident(call.incident)}
          </li>
        ))}
      </ol>
    </>
  );
}
