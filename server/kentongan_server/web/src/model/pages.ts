// Which pages a role has something on: `api/permissions.py`.

import type { Page } from "../state/route.ts";
import type { Session } from "./types.ts";

const OPERATES = ["admin", "supervisor", "operator"];
const READS_INCIDENTS = [...OPERATES, "agency-desk", "auditor", "partner", "unit"];
const READS_FAULTS = [...OPERATES, "technician", "auditor", "partner"];
const MENDS = [...OPERATES, "technician"];

const READS: Readonly<Record<Page, readonly string[]>> = {
  queue: READS_INCIDENTS,
  closed: READS_INCIDENTS,
  troubles: READS_FAULTS,
  rejections: [...MENDS, "auditor"],
  devices: READS_FAULTS,
  reports: ["admin", "supervisor", "auditor"],
  wall: READS_INCIDENTS,
};

export function reads(session: Session | null, page: Page): boolean {
  return session !== null && READS[page].includes(session.role);
}

/** Whether the role may take over a trouble. */
export function mends(session: Session | null): boolean {
  return session !== null && MENDS.includes(session.role);
}

/** Whether the role may ask a button to report at once. */
export function asksReports(session: Session): boolean {
  return ["admin", "supervisor", "technician"].includes(session.role);
}
