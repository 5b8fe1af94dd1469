import { say } from "../i18n/index.ts";
import { useConsole } from "./context.ts";
import { Wordmark } from "./wordmark.tsx";

/** Shown until it is known whether somebody is signed in; tells why when that takes long. */
export function Starting() {
  const fault = useConsole().loadFault.value;
  return (
    <main class="front">
      <div class="front__card">
        <Wordmark />
        <p role="status">{fault === null ? say().link.loading : say().link.snapshotFailed(fault)}</p>
      </div>
    </main>
  );
}
