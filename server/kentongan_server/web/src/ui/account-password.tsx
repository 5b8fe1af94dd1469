import type { TargetedSubmitEvent } from "preact";
import { useRef, useState } from "preact/hooks";
import { sayAccount } from "../i18n/account.ts";
import { explain } from "../state/explain.ts";
import { useConsole } from "./context.ts";

/** As the centre has it: `PASSWORD_MIN` of application/enrol.py. */
const PASSWORD_LEAST = 10;
const PASSWORD_MOST = 1_024;

interface Props {
  readonly name: string;
  /** The old one is a one-time password. */
  readonly first: boolean;
  readonly done: () => void;
}

export function PasswordForm({ name, first, done }: Props) {
  const console = useConsole();
  const words = sayAccount().password;
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [old, fresh, again] = ["old", "fresh", "again"].map((field) => String(fields.get(field) ?? ""));
    const mistake = mistakeIn(old ?? "", fresh ?? "", again ?? "");
    setFault(mistake);
    if (mistake !== null) return;
    setBusy(true);
    try {
      await console.api.change("POST", "password", { old, new: fresh });
      form.current?.reset();
      done();
    } catch (error) {
      if (!console.lostSession(error)) setFault(explain(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form ref={form} class="form" onSubmit={submit}>
      <input class="unseen" name="username" autocomplete="username" value={name} readOnly tabIndex={-1} aria-hidden="true" />
      <label class="field">
        <span class="field__label">{first ? words.oldOneTime : words.old}</span>
        <input name="old" type="password" required autocomplete="current-password" maxLength={PASSWORD_MOST} />
      </label>
      <label class="field">
        <span class="field__label">{words.fresh}</span>
        <input name="fresh" type="password" required autocomplete="new-password" maxLength={PASSWORD_MOST} aria-describedby="password-hint" />
        <span id="password-hint" class="field__hint">
          {words.hint}
        </span>
      </label>
      <label class="field">
        <span class="field__label">{words.again}</span>
        <input name="again" type="password" required autocomplete="new-password" maxLength={PASSWORD_MOST} />
      </label>
      {fault !== null && (
        <p class="message message--bad" role="alert">
          {fault}
        </p>
      )}
      <button class={`button button--primary ${first ? "button--wide" : "manage__submit"}`} type="submit" disabled={busy}>
        {busy ? words.busy : words.submit}
      </button>
    </form>
  );
}

/** What the centre would refuse anyhow, said at once. */
function mistakeIn(old: string, fresh: string, again: string): string | null {
  const words = sayAccount().password;
  if ([...fresh].length < PASSWORD_LEAST) return words.short;
  if (fresh !== again) return words.differs;
  return fresh === old ? words.same : null;
}
