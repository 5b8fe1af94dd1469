import { sayCalls } from "../i18n/calls.ts";
import { isEmpty } from "../model/call.ts";
import type { Session } from "../model/types.ts";
import { address, page } from "../state/route.ts";
import { useConsole } from "./context.ts";

/** Who takes calls down: `api/permissions.py`. */
const TAKES_CALLS: readonly string[] = ["admin", "supervisor", "operator"];

export function takesCalls(session: Session | null): boolean {
  return session !== null && TAKES_CALLS.includes(session.role);
}

/** The door to the 112 desk; the badge says that a call waits there to be saved. */
export function CallsTab({ session }: { readonly session: Session }) {
  const { calls } = useConsole();
  if (!takesCalls(session)) return null;
  const words = sayCalls();
  return (
    <a class="tabs__one" href={address("calls")} title={words.open} aria-keyshortcuts="F2" aria-current={page.value === "calls" ? "page" : undefined}>
      112 <kbd>F2</kbd>
      {!isEmpty(calls.draft.value) && <span class="badge">1</span>}
    </a>
  );
}
