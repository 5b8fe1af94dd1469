import { sayAccount } from "../i18n/account.ts";
import { say } from "../i18n/index.ts";
import type { Session } from "../model/types.ts";
import { PasswordForm } from "./account-password.tsx";
import { useConsole } from "./context.ts";
import { Kentongan } from "./icons.tsx";
import { LanguageSwitch, ThemeSwitch } from "./preferences.tsx";

/** Before anything else: a password that nobody else knows. */
export function MustChange({ session }: { readonly session: Session }) {
  const console = useConsole();
  const words = sayAccount();
  const { app } = say();
  function done(): void {
    console.notices.good(words.password.done);
    void console.resume();
  }
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
        <div>
          <h1 class="front__title">{words.must.title}</h1>
          <p>{words.must.why(session.full_name || session.name)}</p>
        </div>
        <PasswordForm name={session.name} first done={done} />
        <button type="button" class="button button--quiet" onClick={() => void console.logout()}>
          {words.must.leave}
        </button>
      </div>
      <div class="front__foot">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </main>
  );
}
