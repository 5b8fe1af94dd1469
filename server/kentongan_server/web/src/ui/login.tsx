import { useEffect, useRef, useState } from "preact/hooks";
import type { TargetedSubmitEvent } from "preact";
import { ApiError } from "../api.ts";
import { say } from "../i18n/index.ts";
import { reason } from "../state/failures.ts";
import { OtherWays } from "./account-ways.tsx";
import { useConsole } from "./context.ts";
import { Kentongan } from "./icons.tsx";
import { LanguageSwitch, ThemeSwitch } from "./preferences.tsx";

export function Login({ expired }: { readonly expired: boolean }) {
  const console = useConsole();
  const { app, login } = say();
  return (
    <main class="front">
      <div class="front__card">
        <div class="front__head">
          <Kentongan class="front__drum" />
          <div>
            <p class="front__name">{app.name}</p>
            <p class="front__place">{app.place}</p>
          </div>
        </div>
        <h1 class="front__title">{login.title}</h1>
        {expired && (
          <p class="message message--bad" role="alert">
            {login.expired} {console.unwatched.value && login.rang}
          </p>
        )}
        <NameAndPassword />
        <OtherWays />
      </div>
      <div class="front__foot">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </main>
  );
}

function NameAndPassword() {
  const console = useConsole();
  const { login } = say();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const nameField = useRef<HTMLInputElement>(null);
  useEffect(() => nameField.current?.focus(), []);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(null);
    try {
      await console.login(String(fields.get("name")), String(fields.get("password")));
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }

  return (
    <form class="form" onSubmit={submit}>
      <label class="field">
        <span class="field__label">{login.name}</span>
        <input ref={nameField} name="name" required autocomplete="username" autocapitalize="none" spellcheck={false} />
      </label>
      <label class="field">
        <span class="field__label">{login.password}</span>
        <input name="password" type="password" required autocomplete="current-password" />
      </label>
      {failure !== null && (
        <p class="message message--bad" role="alert">
          {explain(failure)}
        </p>
      )}
      <button class="button button--primary button--wide" type="submit" disabled={busy}>
        {busy ? login.busy : login.submit}
      </button>
    </form>
  );
}

function explain(error: unknown): string {
  const { login } = say();
  if (error instanceof ApiError && error.status === 401) return login.wrong;
  if (error instanceof ApiError && error.status === 429) return login.tooMany;
  return error instanceof ApiError && error.status === 0 ? login.unreachable : login.failed(reason(error));
}
