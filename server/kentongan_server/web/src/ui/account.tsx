import { sayAccount } from "../i18n/account.ts";
import { say, word } from "../i18n/index.ts";
import { moment } from "../format/time.ts";
import type { Session } from "../model/types.ts";
import { today } from "../state/clock.ts";
import { PasskeyList } from "./account-passkeys.tsx";
import { PasswordForm } from "./account-password.tsx";
import { SessionList } from "./account-sessions.tsx";
import { useConsole } from "./context.ts";
import { Part } from "./account-parts.tsx";

/** Who one is here, and by what one comes in. */
export function AccountPage() {
  const console = useConsole();
  const session = console.signedIn;
  return session === null ? null : <Account session={session} />;
}

function Account({ session }: { readonly session: Session }) {
  const console = useConsole();
  const words = sayAccount();
  const { facts } = words;
  return (
    <div class="page manage">
      <h1 class="page__title">{words.heading}</h1>
      <dl class="facts manage__facts">
        <dt>{facts.name}</dt>
        <dd>{session.name}</dd>
        {session.full_name !== "" && <dt>{facts.fullName}</dt>}
        {session.full_name !== "" && <dd>{session.full_name}</dd>}
        <dt>{facts.role}</dt>
        <dd>{word(words.roles, session.role)}</dd>
        {session.agency !== null && <dt>{facts.agency}</dt>}
        {session.agency !== null && <dd>{session.agency}</dd>}
        <dt>{facts.until}</dt>
        <dd>{moment(session.expires_at_ms, today.value, say().locale)}</dd>
      </dl>
      <div class="manage__pair">
        <Part name="password" heading={words.password.heading} note={words.password.note}>
          <PasswordForm name={session.name} first={false} done={() => console.notices.good(words.password.done)} />
        </Part>
        <PasskeyList />
      </div>
      <Part name="sessions" heading={words.sessions.heading} note={words.sessions.note}>
        <SessionList path="sessions" />
      </Part>
    </div>
  );
}
