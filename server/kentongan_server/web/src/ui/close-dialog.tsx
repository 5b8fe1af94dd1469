import { useRef, useState } from "preact/hooks";
import type { TargetedSubmitEvent } from "preact";
import { ApiError } from "../api.ts";
import { say, word } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { CAUSES, outcomesOf, type Outcome } from "../model/outcome.ts";
import { reason } from "../state/failures.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";

/** Characters; the centre takes no longer note. */
const NOTE_LENGTH = 4_000;

/** Closing wants an outcome and its cause: a history without them teaches nobody anything. */
export function CloseDialog({ id }: { readonly id: number }) {
  const console = useConsole();
  const words = say().closing;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const incident = console.incidents.find(id)?.value;
  const site = incident ? whereIs(incident) : "";
  const cancel = (): void => void (console.closing.value = null);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const cause = String(fields.get("cause") ?? "");
    if (!outcome || cause === "") {
      setFailure(outcome ? say().cases.causeMissing : words.outcomeMissing);
      form.current?.querySelector<HTMLElement>(outcome ? "select" : "input[type=radio]")?.focus();
      return;
    }
    setBusy(true);
    try {
      await console.close(id, outcome, cause, String(fields.get("note") ?? "").trim());
    } catch (error) {
      setBusy(false);
      if (console.lostSession(error)) return;
      setFailure(whyNot(error, console.incidents.find(id)?.peek()?.reminding ?? false));
    }
  }

  return (
    <Dialog label={words.title(site)} close={cancel}>
      <form ref={form} class="form" noValidate onSubmit={submit}>
        <h2 class="dialog__title">{words.title(site)}</h2>
        <Outcomes drill={incident?.drill ?? 0} chosen={outcome} choose={setOutcome} failed={failure !== null} />
        <Cause outcome={outcome} />
        <Note />
        {failure !== null && (
          <p id="close-failure" class="message message--bad" role="alert">
            {failure}
          </p>
        )}
        <div class="dialog__actions">
          <button type="button" class="button" onClick={cancel}>
            {words.cancel}
          </button>
          <button type="submit" class="button button--primary" disabled={busy}>
            {busy ? words.busy : words.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** In words: a new press, or a reminder, that came while the window was open forbids closing. */
function whyNot(error: unknown, reminding: boolean): string {
  const { cases, closing } = say();
  const rings = error instanceof ApiError && (error.code === "ringing" || error.code === "stale");
  if (!rings) return closing.failed(reason(error));
  return reminding ? word(cases.refusals, "stale") : closing.ringsAgain;
}

interface OutcomesProps {
  readonly drill: number;
  readonly chosen: Outcome | null;
  readonly choose: (outcome: Outcome) => void;
  readonly failed: boolean;
}

function Outcomes({ drill, chosen, choose, failed }: OutcomesProps) {
  const words = say();
  return (
    <fieldset class="choices" aria-describedby={failed ? "close-failure" : undefined}>
      <legend class="field__label">{words.closing.outcome}</legend>
      <div class="choices__grid">
        {outcomesOf(drill).map((outcome) => (
          <label key={outcome} class="choices__one">
            <input type="radio" name="outcome" value={outcome} required checked={chosen === outcome} onChange={() => choose(outcome)} />
            <span>{word(words.outcomes, outcome)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Which causes there are depends on the outcome; the only one there is needs no choice. */
function Cause({ outcome }: { readonly outcome: Outcome | null }) {
  const words = say().cases;
  const causes = outcome === null ? [] : CAUSES[outcome];
  return (
    <label class="field">
      <span class="field__label">{words.cause}</span>
      <select key={outcome} name="cause" required disabled={outcome === null}>
        {causes.length !== 1 && <option value="">–</option>}
        {causes.map((cause) => (
          <option key={cause} value={cause}>
            {word(words.causes, cause)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Note() {
  const words = say().closing;
  return (
    <label class="field">
      <span class="field__label">{words.note}</span>
      <textarea name="note" rows={3} maxLength={NOTE_LENGTH} aria-describedby="note-hint" />
      <span id="note-hint" class="field__hint">
        {words.noteHint}
      </span>
    </label>
  );
}
