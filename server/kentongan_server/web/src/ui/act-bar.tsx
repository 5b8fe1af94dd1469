import { say } from "../i18n/index.ts";
import { sayReplay } from "../i18n/replay.ts";
import { possible, RULES } from "../model/acts.ts";
import type { Incident } from "../model/types.ts";
import { address } from "../state/route.ts";
import { useConsole } from "./context.ts";
import { opens } from "./hand-over-door.tsx";

/** A button for everything that can be done to the incident now, each with its key. */
export function ActBar({ incident }: { readonly incident: Incident }) {
  const console = useConsole();
  const words = say().cases;
  const session = console.signedIn;
  if (session === null) return null;
  return (
    <div class="acts" role="group" aria-label={words.actsLabel}>
      {possible(incident, session).map((act) => (
        <button
          key={act}
          type="button"
          class="button button--small"
          data-act={act}
          aria-keyshortcuts={RULES[act].key}
          onClick={() => console.cases.begin(act, incident.id)}
        >
          {words.acts[act].name} <kbd>{RULES[act].key.toUpperCase()}</kbd>
        </button>
      ))}
      {opens("replay", session) && (
        <a class="button button--small" data-act="replay" href={address("replay", String(incident.id))} aria-keyshortcuts="v">
          {sayReplay().open} <kbd>V</kbd>
        </a>
      )}
    </div>
  );
}
