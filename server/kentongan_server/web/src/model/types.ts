// What the centre sends: docs/architecture.md, "HTTP". Times are Unix milliseconds.

export interface Session {
  readonly name: string;
  readonly role: string;
  readonly csrf: string;
}

export interface Site {
  readonly code: string;
  readonly name: string;
  readonly address?: string | null;
}

export interface Post {
  readonly name: string;
  readonly variant: string;
}

/** How the centre knows the moment of the press; "unknown" is never guessed. */
export type Certainty = "exact" | "estimated" | "unknown";

export type Level = "received" | "acknowledged" | "dispatched" | "arrived" | "closed";

export const LEVELS: readonly Level[] = ["received", "acknowledged", "dispatched", "arrived", "closed"];

/** The newest receipt that the button itself says it has seen. */
export interface SeenReceipt {
  readonly level: Level;
  readonly revision: number;
  readonly at_ms: number;
}

export interface Alarm {
  readonly id: number;
  readonly device: string;
  readonly post: Post | null;
  readonly kind: string;
  readonly sequence: number;
  readonly nonce: string;
  readonly pressed_at_ms: number | null;
  readonly pressed_at: Certainty;
  readonly received_at_ms: number;
  readonly level: Level;
  readonly revision: number;
  readonly repeats: number;
  readonly acknowledged_by: string | null;
  readonly gateway: string | null;
  readonly path: string;
  readonly flags: readonly string[];
  readonly held_ms?: number | null;
  readonly seen?: SeenReceipt | null;
}

export type IncidentState = "new" | "acknowledged" | "closed";

/** `alarms` holds the newest ones in lists and streams; `count` counts all. */
export interface Incident {
  readonly id: number;
  readonly site: Site;
  readonly state: IncidentState;
  readonly ringing: boolean;
  readonly opened_at_ms: number;
  readonly last_alarm_at_ms: number;
  readonly owner: string | null;
  readonly acknowledged_at_ms: number | null;
  readonly closed_at_ms: number | null;
  readonly outcome: string | null;
  readonly note: string | null;
  readonly count: number;
  readonly newest_alarm: number;
  readonly alarms: readonly Alarm[];
}

export interface TimelineEntry {
  readonly position: number;
  readonly at_ms: number;
  readonly what: string;
  readonly who: string | null;
  readonly detail: string | null;
}

export interface IncidentWithTimeline extends Incident {
  readonly timeline: readonly TimelineEntry[];
}

export interface Trouble {
  readonly id: number;
  readonly kind: string;
  readonly device: string | null;
  readonly site: Site | null;
  readonly post: Post | null;
  readonly opened_at_ms: number;
  readonly closed_at_ms: number | null;
  readonly count: number;
  readonly detail: string | null;
}

export interface Rejection {
  readonly id: number;
  readonly reason: string;
  readonly part: string;
  readonly claimed_device: string | null;
  readonly source: string;
  readonly count: number;
  readonly first_at_ms: number;
  readonly last_at_ms: number;
  readonly detail: string | null;
}

export interface Device {
  readonly device: string;
  readonly role: "button" | "gateway";
  readonly site: Site;
  readonly post: Post | null;
  readonly state: string;
  readonly last_heard_at_ms: number | null;
  readonly battery_mv: number | null;
  readonly signal_dbm: number | null;
  readonly undelivered: number | null;
}

/** A list and the feed position that it is true for. */
export type Listing<Name extends string, Item> = { readonly position: number } & {
  readonly [Key in Name]: readonly Item[];
};

export type Outcome = "real" | "false" | "test" | "no-one-found";

export const OUTCOMES: readonly Outcome[] = ["real", "false", "test", "no-one-found"];

/** One event of the live stream, in feed order. */
export type FeedEvent =
  | { readonly name: "incident"; readonly position: number; readonly what: string; readonly incident: Incident }
  | { readonly name: "trouble"; readonly position: number; readonly trouble: Trouble }
  | { readonly name: "rejection"; readonly position: number; readonly rejection: Rejection };

export interface Tick {
  readonly position: number;
  readonly at_ms: number;
}
