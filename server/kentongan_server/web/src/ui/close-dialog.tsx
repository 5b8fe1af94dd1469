import { useRef, useState } from "preact/hooks";
import type { TargetedSubmitEvent } from "preact";
import { ApiError } from "../api.ts";
import { say, word } from "../i18n/index.ts";
import { OUTCOMES, type Outcome } from "../model/types.ts";
import { reason } from "../state/console.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";

/** Characters; the centre takes no longer note. */
const NOTE_LENGTH = 4_000;

/** Closing wants an outcome: a history without one teaches nobody anything. */
export function CloseDialog({ id }: { readonly id: number }) {
  const console = useConsole();
  const words = say().closing;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const site = console.incidents.find(id)?.value.site.name ?? "";
  const cancel = (): void => void (console.closing.value = null);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const outcome = OUTCOMES.find((one) => one === fields.get("outcome"));
    if (!outcome) {
      setFailure(words.outcomeMissing);
      form.current?.querySelector<HTMLInputElement>("input[type=radio]")?.focus();
      return;
    }
    setBusy(true);
    try {
      await console.close(id, outcome, String(fields.get("note") ?? "").trim());
    } catch (error) {
      setBusy(false);
      if (console.lostSession(error)) return;
      setFailure(error instanceof ApiError && error.status === 409 ? words.ringsAgain : words.failed(reason(error)));
    }
  }

  return (
    <Dialog label={words.title(site)} close={cancel}>
      <form ref={form} class="form" noValidate onSubmit={submit}>
        <h2 class="dialog__title">{words.title(site)}</h2>
        <Outcomes failure={failure} />
        <label class="field">
          <span class="field__label">{words.note}</span>
          <textarea name="note" rows={3} maxLength={NOTE_LENGTH} aria-describedby="note-hint" />
          <span id="note-hint" class="field__hint">
            {words.noteHint}
          </span>
        </label>
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

function Outcomes({ failure }: { readonly failure: string | null }) {
  const words = say();
  return (
    <fieldset class="choices" aria-describedby={failure === null ? undefined : "close-failure"}>
      <legend class="field__label">{words.closing.outcome}</legend>
      <div class="choices__grid">
        {OUTCOMES.map((outcome: Outcome) => (
          <label key={outcome} class="choices__one">
            <input type="radio" name="outcome" value={outcome} required />
            <span>{word(words.outcomes, outcome)}</span>
          </label>
        ))}
      </div>
      {failure !== null && (
        <p id="close-failure" class="message message--bad" role="alert">
          {failure}
        </p>
      )}
    </fieldset>
  );
}
