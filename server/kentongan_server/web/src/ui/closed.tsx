import { useCallback, useState } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { reason } from "../state/failures.ts";
import { ANY, PAGE, type Sought } from "../state/search.ts";
import { useConsole } from "./context.ts";
import { IncidentPane } from "./incident.tsx";
import { Cut, ListState, useLoading } from "./page.tsx";
import { Row } from "./row.tsx";

/** Incidents that are over, the last one first; older ones by a search. */
export function ClosedPage() {
  const console = useConsole();
  const words = say().closed;
  const { closed, found } = console.incidents;
  const ids = found.value ?? closed.value;
  const loading = useLoading(useCallback(() => console.loadClosed(), [console]));
  const older = useAsking(() => console.search.older());
  const mayBeMore = console.search.more.value && (found.value !== null || ids.length >= PAGE);
  return (
    <div class="desk">
      <section class="queue" aria-label={words.heading}>
        <h1 class="queue__heading">{words.heading}</h1>
        <Search />
        <ListState loading={loading} empty={found.value === null ? words.empty : words.nothing} size={ids.length} />
        <ul class="rows">
          {ids.map((id) => (
            <Row key={id} id={id} />
          ))}
        </ul>
        {mayBeMore && (
          <button type="button" class="button closed-search__older" disabled={older.busy} onClick={older.ask}>
            {words.older}
          </button>
        )}
        {console.search.full.value && <Cut>{words.full(ids.length)}</Cut>}
        <Fault why={older.fault} />
      </section>
      <IncidentPane id={console.selected.value} />
    </div>
  );
}

/** By site and by days; open while it is used. */
function Search() {
  const console = useConsole();
  const words = say().closed;
  const [draft, setDraft] = useState<Sought>(ANY);
  const asking = useAsking(() => console.search.ask(draft));
  const field = (name: keyof Sought) => (event: { readonly currentTarget: { readonly value: string } }) => setDraft({ ...draft, [name]: event.currentTarget.value });
  const sites = console.places.sites.value;
  return (
    <details class="closed-search" onToggle={() => void console.places.read()}>
      <summary>{words.search}</summary>
      <form
        class="closed-search__form"
        onSubmit={(event) => {
          event.preventDefault();
          asking.ask();
        }}
      >
        <label class="report-form__field closed-search__site">
          {words.site}
          <select name="site" value={draft.site} onChange={field("site")}>
            <option value="">{words.anySite}</option>
            {sites.map((site) => (
              <option key={site.code} value={site.code}>
                {site.name}
              </option>
            ))}
          </select>
        </label>
        <label class="report-form__field">
          {words.first}
          <input type="date" name="first" value={draft.first} max={draft.last} onInput={field("first")} />
        </label>
        <label class="report-form__field">
          {words.last}
          <input type="date" name="last" value={draft.last} min={draft.first} onInput={field("last")} />
        </label>
        <button type="submit" class="button" disabled={asking.busy}>
          {words.find}
        </button>
        {console.incidents.found.value !== null && (
          <button
            type="button"
            class="button"
            onClick={() => {
              setDraft(ANY);
              console.search.end();
            }}
          >
            {words.newest}
          </button>
        )}
      </form>
      <Fault why={asking.fault} />
    </details>
  );
}

function Fault({ why }: { readonly why: string | null }) {
  return why === null ? null : (
    <p class="message message--bad" role="alert">
      {say().list.failed(why)}
    </p>
  );
}

/** Asks the centre at a person's word; one question at a time. */
function useAsking(ask: () => Promise<void>): { readonly busy: boolean; readonly fault: string | null; readonly ask: () => void } {
  const console = useConsole();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  async function go(): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      await ask();
    } catch (error) {
      if (!console.lostSession(error)) setFault(reason(error));
    } finally {
      setBusy(false);
    }
  }
  return { busy, fault, ask: () => void go() };
}
