import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { Newest } from "../model/newest.ts";
import { reason } from "../state/failures.ts";
import { useConsole } from "./context.ts";

/** A page that is one list. */
export function ListPage({ heading, advice, children }: { readonly heading: string; readonly advice?: string; readonly children: ComponentChildren }) {
  return (
    <div class="page">
      <h1 class="page__title">{heading}</h1>
      {advice && <p class="page__advice">{advice}</p>}
      {children}
    </div>
  );
}

export function Table({ label, columns, children }: { readonly label: string; readonly columns: readonly string[]; readonly children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      <table class="table table--page">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Says that a list is longer than what is shown of it. */
export function Cut({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="cut" data-cut>
      {children}
    </p>
  );
}

/** The same of a list that the centre keeps to its newest rows: `most` of them. */
export function NewestOnly({ size, most }: { readonly size: number; readonly most: number }) {
  return size < most ? null : <Cut>{say().list.newestOnly(size)}</Cut>;
}

export interface Loading {
  readonly done: boolean;
  readonly fault: string | null;
  readonly again: () => void;
}

/** Runs `load` when the page opens and whenever `again` is called; `counts` is false once a newer one was begun. */
export function useLoading(load: (counts: () => boolean) => Promise<void>): Loading {
  const console = useConsole();
  const newest = useMemo(() => new Newest(), []);
  const [done, setDone] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const again = useCallback(() => {
    const counts = newest.ask();
    setFault(null);
    load(counts).then(
      () => counts() && setDone(true),
      (error: unknown) => {
        if (!console.lostSession(error) && counts()) setFault(reason(error));
      },
    );
  }, [console, load, newest]);
  useEffect(() => {
    again();
    return () => newest.end();
  }, [again, newest]);
  return { done, fault, again };
}

/** What stands in a list's place while it is read, when it could not be read, and when it is empty. */
export function ListState({ loading, empty, size }: { readonly loading: Loading; readonly empty: string; readonly size: number }) {
  const { list } = say();
  if (loading.fault !== null) {
    return (
      <p class="message message--bad" role="alert">
        {list.failed(loading.fault)}{" "}
        <button type="button" class="link-button" onClick={loading.again}>
          {list.again}
        </button>
      </p>
    );
  }
  if (size > 0) return null;
  return <p class="page__empty">{loading.done ? empty : list.loading}</p>;
}
