import { useCallback } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { useConsole } from "./context.ts";
import { IncidentPane } from "./incident.tsx";
import { ListState, useLoading } from "./page.tsx";
import { Row } from "./row.tsx";

/** Incidents that are over, the last one first. */
export function ClosedPage() {
  const console = useConsole();
  const words = say().closed;
  const ids = console.incidents.closed.value;
  const loading = useLoading(useCallback(() => console.loadClosed(), [console]));
  return (
    <div class="desk">
      <section class="queue" aria-label={words.heading}>
        <h1 class="queue__heading">{words.heading}</h1>
        <ListState loading={loading} empty={words.empty} size={ids.length} />
        <ul class="rows">
          {ids.map((id) => (
            <Row key={id} id={id} />
          ))}
        </ul>
      </section>
      <IncidentPane id={console.selected.value} />
    </div>
  );
}
