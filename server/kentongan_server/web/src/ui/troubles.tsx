import { useLayoutEffect, useRef } from "preact/hooks";
import { elapsed, moment } from "../format/time.ts";
import { say, word } from "../i18n/index.ts";
import { mends } from "../model/pages.ts";
import { isFree, isOverdue, lacksSome, openTroubles, restoredTroubles } from "../model/trouble-board.ts";
import type { Trouble } from "../model/types.ts";
import { now, today } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { Done, Overdue, Wrench } from "./icons.tsx";
import { useFocusIn } from "./kept-focus.ts";
import { LiveListState } from "./live-list.tsx";
import { Cut, ListPage, Table } from "./page.tsx";
import { detailWords, placeWords } from "./trouble-words.ts";

/** Faults that want a technician: who looks after each, and until when. Never mixed with alarms. */
export function TroublesPage() {
  const { troubles } = useConsole();
  const words = say().troubles;
  const rows = troubles.items.value;
  const open = openTroubles(rows, now.value);
  const restored = restoredTroubles(rows, now.value);
  const late = open.filter((trouble) => isOverdue(trouble, now.value)).length;
  const board = useRef<HTMLDivElement>(null);
  useKeptFocus(board);
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <div ref={board}>
        <LiveListState empty={words.empty} size={rows.length} />
        {open.length > 0 && (
          <>
            <h2 class="page__subtitle">
              {words.open(open.length)} {late > 0 && <strong class="state state--overdue">{words.overdueCount(late)}</strong>}
            </h2>
            <OpenTable rows={open} />
          </>
        )}
        {open.length === 0 && rows.length > 0 && <p class="page__empty">{words.noneOpen}</p>}
        {restored.length > 0 && <RestoredTable rows={restored} />}
        {lacksSome(rows, troubles.cut.value, now.value) && <Cut>{say().list.newestOnly(rows.length)}</Cut>}
      </div>
    </ListPage>
  );
}

function OpenTable({ rows }: { readonly rows: readonly Trouble[] }) {
  const { troubles: words } = say();
  const { columns } = words;
  const names = [columns.kind, columns.where, columns.since, columns.owner, columns.deadline, columns.action];
  return (
    <Table label={words.open(rows.length)} columns={names}>
      {rows.map((row) => (
        <OpenRow key={row.id} row={row} />
      ))}
    </Table>
  );
}

function OpenRow({ row }: { readonly row: Trouble }) {
  const { troubles: words, time, locale } = say();
  const late = isOverdue(row, now.value);
  return (
    <tr data-trouble={row.id} data-overdue={late ? "yes" : "no"} class={late ? "trouble trouble--overdue" : "trouble"} tabIndex={-1}>
      <What row={row} />
      <Where row={row} />
      <td>
        <span class="number">{moment(row.opened_at_ms, today.value, locale)}</span>
        <span class="trouble__small">{words.lasting(elapsed(now.value - row.opened_at_ms, time.days))}</span>
      </td>
      <Owner row={row} />
      <Deadline row={row} />
      <td>
        <Take row={row} />
      </td>
    </tr>
  );
}

function What({ row }: { readonly row: Trouble }) {
  const words = say().troubles;
  const detail = detailWords(row.detail);
  const open = row.closed_at_ms === null;
  return (
    <td>
      <span class={`trouble__kind ${open ? "" : "trouble__kind--over"}`}>
        {open ? <Wrench /> : <Done />} {word(words.kinds, row.kind)}
      </span>
      {detail && <span class="trouble__small">{detail}</span>}
      {row.count > 1 && <span class="trouble__small">{words.times(row.count)}</span>}
    </td>
  );
}

function Where({ row }: { readonly row: Trouble }) {
  const centre = useConsole().centre.state.value;
  return (
    <td>
      {placeWords(row, centre)} {row.device && <code class="code">{row.device}</code>}
    </td>
  );
}

function Owner({ row }: { readonly row: Trouble }) {
  const { desk } = useConsole();
  const { troubles: words, locale } = say();
  if (isFree(row)) return <td class="trouble__nobody">{words.nobody}</td>;
  const name = row.owner ?? "";
  const takenAt = row.taken_at_ms ?? null;
  return (
    <td>
      <strong>{desk.isMine(row) ? words.me(name) : name}</strong>
      {takenAt !== null && <span class="trouble__small">{words.takenAt(moment(takenAt, today.value, locale))}</span>}
    </td>
  );
}

/** How long there is; that the time is over is told by a word and a shape, not by a colour alone. */
function Deadline({ row }: { readonly row: Trouble }) {
  const { troubles: words, time, locale } = say();
  const deadline = row.deadline_at_ms ?? null;
  if (deadline === null) return <td class="trouble__small">{words.noDeadline}</td>;
  const late = isOverdue(row, now.value);
  const running = elapsed(Math.abs(deadline - now.value), time.days);
  return (
    <td>
      {late && (
        <strong class="state state--overdue">
          <Overdue /> {words.overdue}
        </strong>
      )}
      <span class={late ? "trouble__small" : "number trouble__left"}>{late ? words.overdueBy(running) : words.left(running)}</span>
      <span class="trouble__small">{moment(deadline, today.value, locale)}</span>
    </td>
  );
}

/** Its own owner needs no button; anybody else takes it, or asks to take it over. */
function Take({ row }: { readonly row: Trouble }) {
  const { desk, centre, signedIn } = useConsole();
  const words = say().troubles;
  if (desk.isMine(row) || !mends(signedIn)) return null;
  const busy = desk.busy.value.has(row.id);
  const text = busy ? words.taking : isFree(row) ? words.take : words.takeOver;
  return (
    <button
      type="button"
      class={`button ${isFree(row) ? "button--primary" : ""}`}
      aria-disabled={busy ? "true" : undefined}
      onClick={() => void desk.take(row.id)}
    >
      {text}
      <span class="unseen">
        : {word(words.kinds, row.kind)}, {placeWords(row, centre.state.value)}
      </span>
    </button>
  );
}

function RestoredTable({ rows }: { readonly rows: readonly Trouble[] }) {
  const { troubles: words, time, locale } = say();
  const { columns } = words;
  return (
    <details class="folded">
      <summary>{words.ended(rows.length)}</summary>
      <Table label={words.ended(rows.length)} columns={[columns.kind, columns.where, columns.since, columns.until, columns.owner]}>
        {rows.map((row) => (
          <tr key={row.id} data-restored={row.id}>
            <What row={row} />
            <Where row={row} />
            <td class="number">{moment(row.opened_at_ms, today.value, locale)}</td>
            <td>
              <span class="number">{moment(row.closed_at_ms ?? 0, today.value, locale)}</span>
              <span class="trouble__small">{words.lasted(elapsed((row.closed_at_ms ?? 0) - row.opened_at_ms, time.days))}</span>
            </td>
            <td>{row.owner ?? "–"}</td>
          </tr>
        ))}
      </Table>
    </details>
  );
}

/** A row that is sorted anew, or whose button goes away because it was pressed, keeps the focus. */
function useKeptFocus(board: { readonly current: HTMLElement | null }): void {
  const focused = useFocusIn(board, rowOf);
  useLayoutEffect(() => {
    if (focused.current === null || document.activeElement !== document.body) return;
    const row = board.current?.querySelector<HTMLElement>(`[data-trouble="${focused.current}"]`);
    (row?.querySelector<HTMLElement>("button") ?? row)?.focus();
  });
}

function rowOf(target: HTMLElement): string | null {
  return target.closest<HTMLElement>("[data-trouble]")?.dataset["trouble"] ?? null;
}
