import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { moment } from "../format/time.ts";
import { sayAccount } from "../i18n/account.ts";
import { say } from "../i18n/index.ts";
import type { Passkey, Ways } from "../model/account.ts";
import { today } from "../state/clock.ts";
import { knowsPasskeys, makePasskey } from "../state/passkeys.ts";
import { useConsole } from "./context.ts";
import { Fault, Part, useDoing, withFields, type Doing } from "./account-parts.tsx";
import { ListState, Table, useLoading } from "./page.tsx";

/** The centre's bound: `LABEL_MAX` of application/passkeys.py. */
const LABEL_MOST = 60;

interface Found {
  readonly passkeys: readonly Passkey[];
}

/** One's own passkeys: adding, naming, removing. */
export function PasskeyList() {
  const console = useConsole();
  const words = sayAccount().passkeys;
  const [found, setFound] = useState<readonly Passkey[]>([]);
  const [possible, setPossible] = useState<boolean | null>(null);
  const load = useCallback(async () => setFound((await console.api.look<Found>("passkeys")).passkeys), [console]);
  const loading = useLoading(load);
  const doing = useDoing();
  useEffect(() => {
    console.api.look<Ways>("login").then(
      (ways) => setPossible(ways.passkeys && knowsPasskeys()),
      () => setPossible(null),
    );
  }, [console]);

  async function remove(passkey: Passkey): Promise<void> {
    if (!(await doing.run(() => console.api.change("POST", `passkeys/${passkey.id}/remove`)))) return;
    console.notices.good(words.removed(passkey.label));
    loading.again();
  }

  return (
    <Part name="passkeys" heading={words.heading} note={words.note}>
      {possible === false && <p class="message message--quiet">{words.off}</p>}
      <ListState loading={loading} empty={words.none} size={found.length} />
      {found.length > 0 && <Keys found={found} doing={doing} remove={remove} />}
      <Fault of={doing} />
      {possible && <AddKey doing={doing} added={setFound} />}
    </Part>
  );
}

function Keys({ found, doing, remove }: { readonly found: readonly Passkey[]; readonly doing: Doing; readonly remove: (passkey: Passkey) => Promise<void> }) {
  const words = sayAccount().passkeys;
  const { columns } = words;
  const at = (ms: number | null): string => (ms === null ? words.never : moment(ms, today.value, say().locale));
  return (
    <Table label={words.heading} columns={[columns.label, columns.made, columns.used, columns.action]}>
      {found.map((passkey) => (
        <tr key={passkey.id} data-passkey={passkey.id}>
          <td class="manage__name">{passkey.label}</td>
          <td class="number">{at(passkey.made_at_ms)}</td>
          <td class="number">{at(passkey.used_at_ms)}</td>
          <td>
            <button type="button" class="button" disabled={doing.busy} aria-label={words.removeThat(passkey.label)} onClick={() => void remove(passkey)}>
              {words.remove}
            </button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function AddKey({ doing, added }: { readonly doing: Doing; readonly added: (all: readonly Passkey[]) => void }) {
  const console = useConsole();
  const words = sayAccount().passkeys;
  /** The centre asks the password of somebody who logged in a while ago. */
  const [asks, setAsks] = useState(false);

  async function add(label: string, password: string, form: HTMLFormElement): Promise<void> {
    const options = await console.api.change<Record<string, unknown>>("POST", "passkeys/begin", password === "" ? {} : { password });
    const answer = await made(options);
    if (answer === null) return doing.say(words.notMade);
    if (answer === "known") return doing.say(words.known);
    const { passkeys } = await console.api.change<Found>("POST", "passkeys", { answer, label });
    added(passkeys);
    form.reset();
    setAsks(false);
    console.notices.good(words.added(label));
  }

  const submit = withFields((field, form) => {
    void doing.run(async () => {
      try {
        await add(field("label"), String(new FormData(form).get("password") ?? ""), form);
      } catch (error) {
        if (error instanceof ApiError && error.code === "not-fresh") setAsks(true);
        throw error;
      }
    });
  });

  return (
    <form class="form manage__form" onSubmit={submit}>
      <label class="field">
        <span class="field__label">{words.label}</span>
        <input name="label" required maxLength={LABEL_MOST} autocomplete="off" aria-describedby="passkey-hint" />
        <span id="passkey-hint" class="field__hint">
          {words.labelHint}
        </span>
      </label>
      {asks && (
        <label class="field">
          <span class="field__label">{words.password}</span>
          <input name="password" type="password" required autocomplete="current-password" autofocus />
        </label>
      )}
      <button type="submit" class="button button--primary manage__submit" disabled={doing.busy}>
        {doing.busy ? words.busy : words.add}
      </button>
    </form>
  );
}

/** What the authenticator made; null when nothing, "known" when it has one of this person. */
async function made(options: Record<string, unknown>): Promise<object | "known" | null> {
  try {
    return await makePasskey(options);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return error.name === "InvalidStateError" ? "known" : null;
  }
}
