import type { ComponentType } from "preact";
import { useCallback, useState } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { upgrade } from "../state/upgrade.ts";
import { ListState, useLoading } from "./page.tsx";

/** Fetches the page of reports when somebody opens it: a desk never needs it in a hurry. */
export function ReportsDoor() {
  const [Page, setPage] = useState<{ readonly it: ComponentType } | null>(null);
  const load = useCallback(async () => {
    const loaded = await upgrade.part(import("./reports.tsx"));
    setPage({ it: loaded.ReportsPage });
  }, []);
  const loading = useLoading(load);
  if (Page) return <Page.it />;
  return <ListState loading={loading} empty={say().list.loading} size={0} />;
}
