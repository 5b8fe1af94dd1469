// The ways in besides a password: a passkey, the city's own log-in.

import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { sayAccount } from "../i18n/account.ts";
import { say } from "../i18n/index.ts";
import type { Session } from "../model/types.ts";
import type { Ways } from "../model/account.ts";
import { knowsPasskeys, usePasskey } from "../state/passkeys.ts";
import { explain } from "../state/explain.ts";
import { useConsole } from "./context.ts";

/** Where the city's log-in sends a browser that it could not let in. */
const SENT_BACK = /^#\/login\/([a-z-]+)$/;

export function OtherWays() {
  const console = useConsole();
  const words = sayAccount().ways;
  const [ways, setWays] = useState<Ways | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    // Without an answer the password is still there, and its own answer tells what is wrong.
    console.api.look<Ways>("login").then(setWays, () => setWays(null));
  }, [console]);

  async function attempt(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      await work();
    } catch (error) {
      setFault(why(error));
    } finally {
      setBusy(false);
    }
  }

  async function withPasskey(): Promise<void> {
    const options = await console.api.change<Record<string, unknown>>("POST", "passkeys/login/begin");
    const answer = await usePasskey(options);
    if (answer === null) throw new DOMException("", "NotAllowedError");
    console.adopt(await console.api.change<Session>("POST", "passkeys/login", { answer }));
  }

  async function atIssuer(): Promise<void> {
    const { location: target } = await console.api.change<{ location: string }>("POST", "oidc/begin");
    location.assign(target);
  }

  const sent = SENT_BACK.exec(location.hash)?.[1];
  const told = fault ?? (sent === undefined ? null : (words.sentBack[sent] ?? words.sentBack["oidc-failed"]));
  const passkeys = ways?.passkeys === true && knowsPasskeys();
  return (
    <div class="ways-in">
      {told && (
        <p class="message message--bad" role="alert">
          {told}
        </p>
      )}
      {(passkeys || ways?.oidc) && <p class="ways-in__or">{words.or}</p>}
      {passkeys && (
        <button type="button" class="button button--wide" disabled={busy} onClick={() => void attempt(withPasskey)}>
          {words.passkey}
        </button>
      )}
      {ways?.oidc && (
        <button type="button" class="button button--wide" disabled={busy} onClick={() => void attempt(atIssuer)}>
          {words.issuer(ways.oidc)}
        </button>
      )}
    </div>
  );
}

function why(error: unknown): string {
  const words = sayAccount().ways;
  if (error instanceof DOMException) return words.noKey;
  if (error instanceof ApiError && error.status === 401) return words.wrongKey;
  if (error instanceof ApiError && error.status === 0) return say().login.unreachable;
  return explain(error);
}
