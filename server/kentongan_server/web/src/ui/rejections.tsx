import { moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { rejectionWords } from "../i18n/rejections.ts";
import { modemCalled } from "../model/centre.ts";
import type { Rejection } from "../model/types.ts";
import { today } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { LiveListState } from "./live-list.tsx";
import { Cut, ListPage, Table } from "./page.tsx";

/** How the source of a message by SMS begins; the name of the centre's modem follows. */
const SMS = "sms:";

/** What came in and was not believed: counted and shown, never an alarm. */
export function RejectionsPage() {
  const { rejections } = useConsole();
  const words = say().rejections;
  const { columns } = words;
  const rows = rejections.items.value;
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  const names = [columns.reason, columns.device, columns.source, columns.count, columns.first, columns.last, columns.detail];
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <LiveListState empty={words.empty} size={rows.length} />
      {rows.length > 0 && <h2 class="page__subtitle">{words.total(total)}</h2>}
      {rows.length > 0 && (
        <Table label={words.heading} columns={names}>
          {rows.map((row) => (
            <RejectionRow key={row.id} row={row} />
          ))}
        </Table>
      )}
      {rejections.cut.value && <Cut>{say().list.newestOnly(rows.length)}</Cut>}
    </ListPage>
  );
}

function RejectionRow({ row }: { readonly row: Rejection }) {
  const { rejections: words, locale } = say();
  const centre = useConsole().centre.state.value;
  return (
    <tr data-rejection={row.id}>
      <td>
        <strong>{word(words.reasons, row.reason)}</strong>
      </td>
      <td>{row.claimed_device ? <code class="code">{row.claimed_device}</code> : words.unreadable}</td>
      <td>
        {row.source.startsWith(SMS) ? say().ways.sms(modemCalled(row.source.slice(SMS.length), centre)) : <code class="code">{row.source}</code>}
      </td>
      <td class="number">{row.count}</td>
      <td class="number">{moment(row.first_at_ms, today.value, locale)}</td>
      <td class="number">{moment(row.last_at_ms, today.value, locale)}</td>
      <td>{[word(words.parts, row.part), rejectionWords(row.detail)].filter(Boolean).join(": ")}</td>
    </tr>
  );
}
