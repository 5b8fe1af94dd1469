import type { ComponentType } from "preact";
import { useCallback, useState } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { ListState, useLoading } from "./page.tsx";

/** Fetches the page of one's own account when somebody opens it: a desk needs it rarely. */
export function AccountDoor() {
  const [Page, setPage] = useState<{ readonly it: ComponentType } | null>(null);
  const load = useCallback(async () => setPage({ it: (await import("./account.tsx")).AccountPage }), []);
  const loading = useLoading(load);
  if (Page) return <Page.it />;
  return <ListState loading={loading} empty={say().list.loading} size={0} />;
}
