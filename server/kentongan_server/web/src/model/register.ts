// What the centre says of people and of sites: docs/operators-centre.md, "HTTP". Times are Unix milliseconds.

import type { SiteRow } from "./types.ts";

export const ROLES = ["operator", "supervisor", "admin", "agency-desk", "technician", "partner", "unit", "auditor"] as const;

export interface User {
  readonly id: number;
  readonly name: string;
  readonly full_name: string;
  readonly role: string;
  readonly agency: string | null;
  readonly sites: readonly string[];
  readonly created_at_ms: number;
  readonly disabled_at_ms: number | null;
  readonly must_change: boolean;
  readonly passkeys: number;
  /** May come in from the issuer by it, once. */
  readonly email: string | null;
  readonly at_issuer: boolean;
}

/** Somebody, and a one-time password that nobody is shown again. */
export interface Added {
  readonly user: User;
  readonly password: string;
}

export interface Agency {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
}

export const AGENCY_KINDS = ["police", "army", "fire", "medical", "disaster", "order", "transport", "other"] as const;

/** Thousandths of a picture's width and height. */
export interface PictureSpot {
  readonly x: number;
  readonly y: number;
}

export interface SitePost {
  readonly name: string;
  readonly variant: string;
  readonly spot: PictureSpot | null;
}

/** Weekday 1-7, from minute, to minute; of the next day when that is not later. */
export type Window = readonly [number, number, number];

export interface SiteContact {
  readonly name: string;
  readonly role: string;
  readonly number: string;
  /** Null for always. */
  readonly hours: readonly Window[] | null;
}

export interface SitePicture {
  readonly media_type: string;
  readonly width: number;
  readonly height: number;
  readonly changed_at_ms: number;
}

export interface PlanStep {
  readonly key: string;
  readonly id: string;
  readonly en: string;
  readonly mandatory: boolean;
}

/** The newest version of a plan; `category` empty for any kind, no steps when it was withdrawn. */
export interface ActionPlan {
  readonly site: string | null;
  readonly category: string;
  readonly version: number;
  readonly steps: readonly PlanStep[];
  readonly made_by: string;
  readonly made_at_ms: number;
}

export interface RegisterRow extends SiteRow {
  readonly address: string;
  readonly zone: string;
  readonly posts: number;
  readonly contacts: number;
  readonly has_pass_phrase: boolean;
  readonly has_picture: boolean;
}

export interface SiteDetails extends RegisterRow {
  readonly people: readonly SiteContact[];
  readonly fitted: readonly SitePost[];
  readonly picture: SitePicture | null;
  readonly pass_phrase: { readonly has_duress: boolean; readonly changed_at_ms: number; readonly changed_by: string } | null;
  readonly plans: readonly ActionPlan[];
}

/** Who may change the register of sites: `api/permissions.py`. */
export const KEEPS_SITES: ReadonlySet<string> = new Set(["admin", "supervisor"]);
/** Who may read the list of sites. */
export const READS_SITES: ReadonlySet<string> = new Set(["admin", "supervisor", "operator", "auditor", "technician"]);
/** Who may read the city's plans and the agencies. */
export const READS_PLANS: ReadonlySet<string> = new Set([...READS_SITES, "agency-desk"]);
