import type { TargetedSubmitEvent } from "preact";
import { useCallback, useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { moment } from "../format/time.ts";
import { sayHandOver } from "../i18n/hand-over.ts";
import { language, say } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { now } from "../state/clock.ts";
import { reason } from "../state/failures.ts";
import { takesCalls } from "./calls-tab.tsx";
import { useConsole } from "./context.ts";
import { ListPage, ListState, Table, useLoading } from "./page.tsx";
import { whatAndWhere } from "./row.tsx";

interface HandOver {
  readonly id: number;
  readonly at_ms: number;
  readonly given_by: string;
  readonly taken_by: string;
  readonly note: string;
  readonly incidents: readonly number[];
}

/** The centre takes no longer texts (api/hand_over.py), characters. */
const LONGEST = { name: 64, password: 1_024, note: 4_000 };

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
    </ListPage>
  );
}

function Give({ done }: { readonly done: () => void }) {
  const console = useConsole();
  const words = sayHandOver();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const to = String(fields.get("to") ?? "").trim();
    const password = String(fields.get("password") ?? "");
    const gap = to === "" || password === "" ? words.missing : to === console.signedIn?.name ? words.self : null;
    setFailure(gap);
    if (gap !== null) {
      form.querySelector<HTMLElement>(to === "" || password !== "" ? "[name=to]" : "[name=password]")?.focus();
      return;
    }
    setBusy(true);
    try {
      const body = { to, password, note: String(fields.get("note") ?? "").trim() };
      const made = await console.api.change<HandOver>("POST", "hand-over", body);
      console.notices.good(words.done(made.taken_by, made.incidents.length));
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

  return (
    <form class="form shift-form" noValidate onSubmit={(event) => void submit(event)}>
      <Mine />
      <div class="shift-form__pair">
        <label class="field">
          <span class="field__label">{words.to}</span>
          <input name="to" autocomplete="off" autocapitalize="none" spellcheck={false} maxLength={LONGEST.name} aria-describedby="hand-over-to" />
          <span id="hand-over-to" class="field__hint">
            {words.toHint}
          </span>
        </label>
        <label class="field">
          <span class="field__label">{words.password}</span>
          <input name="password" type="password" autocomplete="one-time-code" maxLength={LONGEST.password} aria-describedby="hand-over-password" />
          <span id="hand-over-password" class="field__hint">
            {words.passwordHint}
          </span>
        </label>
      </div>
      <label class="field">
        <span class="field__label">{words.note}</span>
        <textarea name="note" rows={3} maxLength={LONGEST.note} aria-describedby="hand-over-note" />
        <span id="hand-over-note" class="field__hint">
          {words.noteHint}
        </span>
      </label>
      {failure !== null && (
        <p class="message message--bad" role="alert">
          {failure}
        </p>
      )}
      <div>
        <button type="submit" class="button button--primary shift-form__go" disabled={busy}>
          {busy ? words.busy : words.submit}
        </button>
      </div>
    </form>
  );
}

/** Why it was refused: the taker's password is none of the session's matter. */
function why(error: unknown): string {
  const words = sayHandOver();
  if (error instanceof ApiError) {
    if (error.code === "wrong-password") return words.wrong;
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
    <Table label={words.past} columns={[columns.at, columns.from, columns.to, columns.count, columns.note, columns.page]}>
      {rows.map((row) => (
        <tr key={row.id} data-hand-over={row.id}>
          <td class="number">{moment(row.at_ms, now.value, say().locale)}</td>
          <td>{row.given_by}</td>
          <td>{row.taken_by}</td>
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
