import { useState } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { upgrade } from "../state/upgrade.ts";
import { useConsole } from "./context.ts";
import { Review } from "./icons.tsx";

const FIELDS = "main input:not([type=checkbox], [type=radio], [type=range], [type=file]), main textarea, dialog input[type=text], dialog textarea";

/** Offers to load the page again when the centre has a newer console; not while something rings. */
export function UpgradeBand() {
  const { incidents } = useConsole();
  const words = say().upgrade;
  const [warned, setWarned] = useState(false);
  if (!upgrade.offered.value) return null;
  const rings = incidents.ringing.value.length > 0;

  function load(): void {
    if (rings) return;
    if (!warned && somethingIsTyped()) setWarned(true);
    else location.reload();
  }

  return (
    <section class="upgrade" aria-label={words.head} data-upgrade>
      <Review />
      <p class="upgrade__text" role="status">
        <strong>{words.head}</strong> <span>{rings ? words.ringing : warned ? words.typed : words.advice}</span>
      </p>
      <button type="button" class="button" aria-disabled={rings ? "true" : undefined} onClick={load}>
        {warned && !rings ? words.anyway : words.load}
      </button>
    </section>
  );
}

/** Whether a field holds what it did not hold when it was drawn. */
function somethingIsTyped(): boolean {
  return [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(FIELDS)].some((field) => field.value !== field.defaultValue);
}
