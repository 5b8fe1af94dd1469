import { useCallback, useState } from "preact/hooks";
import { moment } from "../format/time.ts";
import { sayAccount } from "../i18n/account.ts";
import { say, word } from "../i18n/index.ts";
import type { OwnSession, Sessions } from "../model/account.ts";
import { today } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { Fault, useDoing } from "./account-parts.tsx";
import { ListState, Table, useLoading } from "./page.tsx";

/** Sessions of oneself (`path` "sessions") or of somebody (`users/7/sessions`), each with an end. */
export function SessionList({ path }: { readonly path: string }) {
  const console = useConsole();
  const words = sayAccount().sessions;
  const { columns } = words;
  const [found, setFound] = useState<Sessions>({ sessions: [], own: null });
  const load = useCallback(async () => setFound(await console.api.look<Sessions>(path)), [console, path]);
  const loading = useLoading(load);
  const doing = useDoing();

  async function end(session: OwnSession): Promise<void> {
    const done = await doing.run(() => console.api.change("POST", `${path}/${session.session}/end`));
    if (!done) return;
    console.notices.good(words.ended);
    if (session.session === found.own) await console.resume();
    else loading.again();
  }

  return (
    <>
      <Fault of={doing} />
      <ListState loading={loading} empty={words.none} size={found.sessions.length} />
      {found.sessions.length > 0 && (
        <Table label={words.heading} columns={[columns.began, columns.seen, columns.expires, columns.method, columns.action]}>
          {found.sessions.map((session) => (
            <Row key={session.session} session={session} own={session.session === found.own} busy={doing.busy} end={() => void end(session)} />
          ))}
        </Table>
      )}
    </>
  );
}

interface RowProps {
  readonly session: OwnSession;
  readonly own: boolean;
  readonly busy: boolean;
  readonly end: () => void;
}

function Row({ session, own, busy, end }: RowProps) {
  const words = sayAccount().sessions;
  const { locale } = say();
  const at = (ms: number): string => moment(ms, today.value, locale);
  return (
    <tr data-session={session.session}>
      <td class="number">
        {at(session.began_at_ms)} {own && <span class="state state--good">{words.own}</span>}
      </td>
      <td class="number">{at(session.seen_at_ms)}</td>
      <td class="number">{at(session.expires_at_ms)}</td>
      <td>{word(words.methods, session.method)}</td>
      <td>
        <button type="button" class="button" disabled={busy} aria-label={words.endThat(at(session.began_at_ms))} onClick={end}>
          {words.end}
        </button>
      </td>
    </tr>
  );
}
