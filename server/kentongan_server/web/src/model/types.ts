// What the centre sends: docs/architecture.md, "HTTP". Times are Unix milliseconds.

import type { Drill } from "./drill.ts";

export interface Session {
  readonly name: string;
  readonly full_name: string;
  readonly role: string;
  readonly agency: string | null;
  readonly csrf: string;
  /** The password is somebody else's: it must be changed before all else. */
  readonly must_change: boolean;
  readonly expires_at_ms: number;
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
  /** Who pressed; in an alarm that the centre made the gateway or null. */
  readonly device: string | null;
  readonly post: Post | null;
  readonly kind: string;
  readonly sequence: number | null;
  readonly nonce: string | null;
  readonly pressed_at_ms: number | null;
  readonly pressed_at: Certainty;
  readonly received_at_ms: number;
  readonly level: Level;
  readonly revision: number;
  readonly repeats: number;
  readonly acknowledged_by: string | null;
  readonly gateway: string | null;
  /** "mqtt", "sms", or "none" for an alarm that the centre made. */
  readonly path: string;
  /** The centre's modem that heard it. */
  readonly modem?: string | null;
  /** Other paths by which the same press came too. */
  readonly also?: readonly string[] | null;
  /** Every site that is cut off, in a suspected attack or an outage. */
  readonly sites?: readonly Site[] | null;
  readonly flags: readonly string[];
  readonly held_ms?: number | null;
  readonly seen?: SeenReceipt | null;
}

export type IncidentState = "new" | "acknowledged" | "dispatched" | "on-scene" | "parked" | "reopened" | "closed";

/** Where it is: of a call what the caller said, else the site's own. */
export interface Place {
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly address: string;
}

/** A phone call that tells of an incident; what identifies the caller is null once it has expired. */
export interface Call {
  readonly id: number;
  readonly taken_at_ms: number;
  readonly taken_by: string;
  readonly number: string | null;
  readonly name: string | null;
  readonly words: string | null;
  readonly pranks: number;
}

/** `alarms` holds the newest ones in lists and streams; `count` counts all. */
export interface Incident {
  readonly id: number;
  /** The feed position at which it was as told here. */
  readonly position: number;
  /** Counts every change of it; an act names the version that was on the screen. */
  readonly version: number;
  /** "button", "call", "centre", "phone" or "system". */
  readonly source: string;
  readonly category: string;
  /** 1 goes first. */
  readonly priority: number;
  readonly agency: string | null;
  /** The number of the drill that it belongs to; 0: it is real. */
  readonly drill: number;
  /** Null for a call from elsewhere. */
  readonly site: Site | null;
  readonly place: Place | null;
  readonly state: IncidentState;
  readonly ringing: boolean;
  /** It rings because its park has ended, or because somebody spoke the words of duress. */
  readonly reminding: boolean;
  readonly opened_at_ms: number;
  readonly last_alarm_at_ms: number;
  readonly owner: string | null;
  readonly acknowledged_at_ms: number | null;
  readonly dispatched_at_ms: number | null;
  readonly dispatched_to: string | null;
  readonly arrived_at_ms: number | null;
  readonly parked_until_ms: number | null;
  readonly closed_at_ms: number | null;
  readonly outcome: string | null;
  readonly cause: string | null;
  readonly note: string | null;
  readonly merged_into: number | null;
  readonly split_from: number | null;
  readonly count: number;
  /** Null where nobody pressed. */
  readonly newest_alarm: number | null;
  readonly alarms: readonly Alarm[];
  readonly calls: readonly Call[];
  /** All its alarms are late and were handed in again after the centre was restored: for review, without sound. */
  readonly recovered?: boolean;
}

export interface TimelineEntry {
  readonly position: number;
  readonly at_ms: number;
  readonly what: string;
  readonly who: string | null;
  readonly detail: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** What a person wrote with it. */
  readonly words: string | null;
}

/** A step of an incident's plan; `left_out` is the reason for not doing it, null when it was done. */
export interface CaseStep {
  readonly key: string;
  readonly id: string;
  readonly en: string;
  readonly mandatory: boolean;
  readonly done_by: string | null;
  readonly done_at_ms: number | null;
  readonly left_out: string | null;
}

export interface CasePlan {
  readonly id: number;
  readonly version: number;
  readonly steps: readonly CaseStep[];
}

/** Somebody to call; `now`: they can be called at this moment. */
export interface CaseContact {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly number: string;
  readonly now: boolean;
}

export interface IncidentWithTimeline extends Incident {
  readonly timeline: readonly TimelineEntry[];
  /** How many older alarms and lines there are than those that are told here. */
  readonly left_off: { readonly alarms: number; readonly timeline: number };
  readonly plan: CasePlan | null;
  readonly contacts: readonly CaseContact[];
}

/** Why, for the console to put into words. */
export interface Detail {
  readonly code: string;
  readonly [fact: string]: unknown;
}

export interface Trouble {
  readonly id: number;
  readonly kind: string;
  /** Which modem, which disk; null when there is only one. */
  readonly subject?: string | null;
  readonly device: string | null;
  readonly site: Site | null;
  readonly post: Post | null;
  readonly opened_at_ms: number;
  readonly closed_at_ms: number | null;
  readonly count: number;
  readonly detail: Detail | null;
  readonly owner?: string | null;
  readonly taken_at_ms?: number | null;
  readonly deadline_at_ms?: number | null;
}

/** One of the centre's modems. */
export interface Modem {
  readonly name: string;
  readonly operator: string;
  readonly state: string;
  readonly signal_dbm: number | null;
  readonly balance: number | null;
  readonly valid_until: string | null;
  readonly sent_last_minute: number;
  readonly received_last_minute: number;
}

/** How the centre itself does. */
export interface CentreState {
  readonly modems: readonly Modem[];
  readonly disk_free_bytes: number | null;
  readonly store_ms: number | null;
  readonly ok: boolean;
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
  readonly detail: Detail | null;
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
  /** When its newest report by the second path came. */
  readonly texted_at_ms?: number | null;
}

/** A site in the list of all. */
export interface SiteRow extends Site {
  readonly place: { readonly latitude: number; readonly longitude: number } | null;
}

/** What the centre says of the city's map; `layers` are those of the file. */
export interface MapFile {
  readonly available: boolean;
  readonly etag: string | null;
  readonly min_zoom: number | null;
  readonly max_zoom: number | null;
  /** West, south, east, north, degrees. */
  readonly bounds: readonly [number, number, number, number] | null;
  readonly layers: readonly string[];
}

/** A list and the feed position that it is true for; `left_off`: so many more are there than the centre lists. */
export type Listing<Name extends string, Item> = { readonly position: number; readonly left_off?: number } & {
  readonly [Key in Name]: readonly Item[];
};

/** One event of the live stream, in feed order. */
export type FeedEvent =
  | { readonly name: "incident"; readonly position: number; readonly what: string; readonly incident: Incident }
  | { readonly name: "trouble"; readonly position: number; readonly trouble: Trouble }
  | { readonly name: "rejection"; readonly position: number; readonly rejection: Rejection }
  | { readonly name: "drill"; readonly position: number; readonly what: string; readonly drill: Drill }
  /** The incident with this number is not for this person any more. */
  | { readonly name: "gone"; readonly position: number; readonly incident: number };

export interface Tick {
  readonly position: number;
  readonly at_ms: number;
}
