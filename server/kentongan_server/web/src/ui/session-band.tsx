import { clock } from "../format/time.ts";
import { say } from "../i18n/index.ts";
import { minutesLeft } from "../model/session.ts";
import type { Session } from "../model/types.ts";
import { now } from "../state/clock.ts";
import { Review } from "./icons.tsx";

/** Says that the session ends soon, while there is time to choose the moment: without one no alarm comes here. */
export function SessionBand({ session }: { readonly session: Session }) {
  const words = say().sessionEnds;
  const left = minutesLeft(session.expires_at_ms, now.value);
  if (left === null) return null;
  return (
    <section class="upgrade" aria-label={words.head(clock(session.expires_at_ms))} data-session-ends={left}>
      <Review />
      <p class="upgrade__text" role="status">
        <strong>{words.head(clock(session.expires_at_ms))}</strong> <span>{words.advice}</span>
      </p>
    </section>
  );
}
