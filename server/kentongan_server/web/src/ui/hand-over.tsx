import type { TargetedSubmitEvent } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { moment } from "../format/time.ts";
import { sayHandOver } from "../i18n/hand-over.ts";
import { language, say } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { today } from "../state/clock.ts";
import { reason } from "../state/failures.ts";
import { knowsPasskeys, usePasskey } from "../state/passkeys.ts";
import { takesCalls } from "./calls-tab.tsx";
import { useConsole } from "./context.ts";
import { ListPage, ListState, NewestOnly, Table, useLoading } from "./page.tsx";
import { whatAndWhere } from "./row.tsx";

interface HandOver {
  readonly id: number;
  readonly at_ms: number;
  readonly given_by: string;
  readonly taken_by: string;
  readonly note: string;
  readonly incidents: readonly number[];
  readonly signed: "password" | "passkey";
}

/** Somebody who may take the shift; `passkey`: they can sign with one. */
interface Taker {
  readonly name: string;
  readonly full_name: string;
  readonly passkey: boolean;
}

type Signed = { readonly password: string } | { readonly answer: object };

/** The centre takes no longer texts (api/hand_over.py), characters. */
const LONGEST = { name: 64, password: 1_024, note: 4_000 };

/** The centre lists so many (adapters/read_desk.py): two months of three shifts a day. */
const LISTED_MOST = 200;

/** The value of the button that signs with a passkey. */
const BY_KEY = "passkey";

/** Whoever leaves gives their open incidents away; whoever comes signs. */
export function HandOverPage() {
  const console = useConsole();
  const words = sayHandOver();
  const [past, setPast] = useState<readonly HandOver[]>([]);
  const load = useCallback(async () => {
    setPast((await console.api.look<{ hand_overs: readonly HandOver[] }>("hand-overs")).hand_overs);
  }, [console]);
  const loading = useLoading(load);
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      {takesCalls(console.signedIn) && <Give done={loading.again} />}
      <h2 class="page__subtitle">{words.past}</h2>
      <ListState loading={loading} empty={words.none} size={past.length} />
      {past.length > 0 && <Past rows={past} />}
      <NewestOnly size={past.length} most={LISTED_MOST} />
    </ListPage>
  );
}

function Give({ done }: { readonly done: () => void }) {
  const words = sayHandOver();
  const { busy, failure, submit } = useGiving(done);
  const takers = useTakers();
  const [name, setName] = useState("");
  const byKey = knowsPasskeys() && takers.some((one) => one.passkey && one.name === name.trim());
  return (
    <form class="form shift-form" noValidate onSubmit={submit} onReset={() => setName("")}>
      <Mine />
      <div class="shift-form__pair">
        <TakerField takers={takers} type={setName} />
        <PasswordField />
      </div>
      <NoteField />
      {failure !== null && (
        <p class="message message--bad" role="alert">
          {failure}
        </p>
      )}
      <div class="shift-form__ways">
        <button type="submit" class="button button--primary shift-form__go" disabled={busy}>
          {busy ? words.busy : words.submit}
        </button>
        {byKey && (
          <button type="submit" class="button shift-form__go" value={BY_KEY} disabled={busy}>
            {words.byKey}
          </button>
        )}
      </div>
    </form>
  );
}

function TakerField({ takers, type }: { readonly takers: readonly Taker[]; readonly type: (name: string) => void }) {
  const words = sayHandOver();
  return (
    <label class="field">
      <span class="field__label">{words.to}</span>
      <input
        name="to"
        list="hand-over-takers"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        maxLength={LONGEST.name}
        aria-describedby="hand-over-to"
        onInput={(event) => type(event.currentTarget.value)}
      />
      <datalist id="hand-over-takers">
        {takers.map((one) => (
          <option key={one.name} value={one.name}>
            {one.full_name}
          </option>
        ))}
      </datalist>
      <span id="hand-over-to" class="field__hint">
        {words.toHint}
      </span>
    </label>
  );
}

function PasswordField() {
  const words = sayHandOver();
  return (
    <label class="field">
      <span class="field__label">{words.password}</span>
      <input name="password" type="password" autocomplete="one-time-code" maxLength={LONGEST.password} aria-describedby="hand-over-password" />
      <span id="hand-over-password" class="field__hint">
        {words.passwordHint}
      </span>
    </label>
  );
}

function NoteField() {
  const words = sayHandOver();
  return (
    <label class="field">
      <span class="field__label">{words.note}</span>
      <textarea name="note" rows={3} maxLength={LONGEST.note} aria-describedby="hand-over-note" />
      <span id="hand-over-note" class="field__hint">
        {words.noteHint}
      </span>
    </label>
  );
}

interface Giving {
  readonly busy: boolean;
  readonly failure: string | null;
  readonly submit: (event: TargetedSubmitEvent<HTMLFormElement>) => void;
}

/** What the form's buttons do: it is looked through, signed, and given. */
function useGiving(done: () => void): Giving {
  const console = useConsole();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function give(form: HTMLFormElement, { to, note, password, byKey }: Filled): Promise<void> {
    setBusy(true);
    try {
      const signed = byKey ? await answerOf(await console.api.change("POST", "hand-over/passkey", { to, note })) : { password };
      if (signed === null) return setFailure(sayHandOver().noKey);
      const made = await console.api.change<HandOver>("POST", "hand-over", { to, note, ...signed });
      console.notices.good(sayHandOver().done(made.taken_by, made.incidents.length));
      form.reset();
      done();
    } catch (error) {
      if (!console.lostSession(error)) setFailure(why(error));
      const field = form.querySelector<HTMLInputElement>("[name=password]");
      if (field) field.value = "";
    } finally {
      setBusy(false);
    }
  }

  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = event.currentTarget;
    const filled = filledIn(form, event.submitter?.getAttribute("value") === BY_KEY);
    const gap = gapIn(filled, console.signedIn?.name ?? "");
    setFailure(gap?.text ?? null);
    if (gap === null) void give(form, filled);
    else form.querySelector<HTMLElement>(`[name=${gap.field}]`)?.focus();
  }

  return { busy, failure, submit };
}

interface Filled {
  readonly to: string;
  readonly note: string;
  readonly password: string;
  readonly byKey: boolean;
}

function filledIn(form: HTMLFormElement, byKey: boolean): Filled {
  const fields = new FormData(form);
  const text = (name: string): string => String(fields.get(name) ?? "");
  return { to: text("to").trim(), note: text("note").trim(), password: text("password"), byKey };
}

/** What is missing, and in which field. */
function gapIn({ to, password, byKey }: Filled, me: string): { readonly field: "to" | "password"; readonly text: string } | null {
  const words = sayHandOver();
  if (to === "") return { field: "to", text: words.missing };
  if (!byKey && password === "") return { field: "password", text: words.missing };
  return to === me ? { field: "to", text: words.self } : null;
}

/** Who may take over; without the list the name is typed and the password signs. */
function useTakers(): readonly Taker[] {
  const console = useConsole();
  const [takers, setTakers] = useState<readonly Taker[]>([]);
  useEffect(() => {
    console.api.look<{ takers: readonly Taker[] }>("hand-over/takers").then(
      (found) => setTakers(found.takers),
      (error: unknown) => void console.lostSession(error),
    );
  }, [console]);
  return takers;
}

/** Null when no passkey was used: closed, too slow, or none of theirs here. */
async function answerOf(options: Record<string, unknown>): Promise<Signed | null> {
  try {
    const answer = await usePasskey(options);
    return answer === null ? null : { answer };
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/** Why it was refused: the taker's password is none of the session's matter. */
function why(error: unknown): string {
  const words = sayHandOver();
  if (error instanceof ApiError) {
    if (error.code === "wrong-password") return words.wrong;
    if (error.code === "not-signed") return words.wrongKey;
    if (error.code === "too-many-tries") return words.tooMany;
    if (error.code === "invalid") return words.refused;
  }
  return words.failed(reason(error));
}

/** What goes to whoever comes. */
function Mine() {
  const { incidents, signedIn } = useConsole();
  const words = sayHandOver();
  const mine = [...incidents.queue.value, ...incidents.review.value]
    .map((id) => incidents.find(id)?.value)
    .filter((one) => one !== undefined && one.owner === signedIn?.name);
  if (mine.length === 0) return <p>{words.nothing}</p>;
  return (
    <div>
      <p class="field__label">{words.yours(mine.length)}</p>
      <ul class="shift-form__mine">
        {mine.map((one) => one && (
          <li key={one.id} data-mine={one.id}>
            {say().incident.number(one.id)} · <strong>{whereIs(one)}</strong> · {whatAndWhere(one)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Past({ rows }: { readonly rows: readonly HandOver[] }) {
  const words = sayHandOver();
  const { columns } = words;
  return (
    <Table label={words.past} columns={[columns.at, columns.from, columns.to, columns.signed, columns.count, columns.note, columns.page]}>
      {rows.map((row) => (
        <tr key={row.id} data-hand-over={row.id}>
          <td class="number">{moment(row.at_ms, today.value, say().locale)}</td>
          <td>{row.given_by}</td>
          <td>{row.taken_by}</td>
          <td>{words.signed[row.signed]}</td>
          <td class="number">{row.incidents.length}</td>
          <td class="shift-form__note">{row.note || "–"}</td>
          <td>
            <a class="shift-form__print" href={`/api/hand-overs/${row.id}/page?lang=${language.value}`} target="_blank" rel="noopener" aria-label={`${words.print}: ${words.printOf(row.id)}`}>
              {words.print}
            </a>
          </td>
        </tr>
      ))}
    </Table>
  );
}
