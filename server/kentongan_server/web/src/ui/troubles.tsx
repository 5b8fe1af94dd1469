import { moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import type { Trouble } from "../model/types.ts";
import { now } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { Wrench } from "./icons.tsx";
import { ListPage, Table } from "./page.tsx";
import { LiveListState } from "./live-list.tsx";

/** Faults that want a technician: the open ones first. */
export function TroublesPage() {
  const { troubles } = useConsole();
  const words = say().troubles;
  const rows = troubles.items.value;
  const open = rows.filter((row) => row.closed_at_ms === null);
  const ended = rows.filter((row) => row.closed_at_ms !== null);
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <LiveListState empty={words.empty} size={rows.length} />
      {open.length > 0 && <TroubleTable heading={words.open(open.length)} rows={open} />}
      {ended.length > 0 && <TroubleTable heading={words.ended(ended.length)} rows={ended} />}
    </ListPage>
  );
}

function TroubleTable({ heading, rows }: { readonly heading: string; readonly rows: readonly Trouble[] }) {
  const { columns } = say().troubles;
  const names = [columns.kind, columns.where, columns.since, columns.until, columns.count, columns.detail];
  return (
    <>
      <h2 class="page__subtitle">{heading}</h2>
      <Table label={heading} columns={names}>
        {rows.map((row) => (
          <TroubleRow key={row.id} row={row} />
        ))}
      </Table>
    </>
  );
}

function TroubleRow({ row }: { readonly row: Trouble }) {
  const { troubles: words, locale } = say();
  const open = row.closed_at_ms === null;
  return (
    <tr data-trouble={row.id}>
      <td>
        <span class={`state state--${open ? "trouble" : "closed"}`}>
          {open && <Wrench />} {word(words.kinds, row.kind)}
        </span>
      </td>
      <td>
        {[row.site?.name, row.post?.name].filter(Boolean).join(" · ")} {row.device && <code class="code">{row.device}</code>}
      </td>
      <td class="number">{moment(row.opened_at_ms, now.value, locale)}</td>
      <td class="number">{row.closed_at_ms === null ? words.stillOpen : moment(row.closed_at_ms, now.value, locale)}</td>
      <td class="number">{row.count}</td>
      <td>{row.detail}</td>
    </tr>
  );
}
