// A phone call while it is taken down: what is known so far, and whether the centre has it already.

import type { Incident } from "./types.ts";

/** What a caller can tell of; each has the digit of its place as its key, 0 for the tenth. */
export const CALL_CATEGORIES = [
  "medical",
  "accident",
  "fire",
  "hold-up",
  "theft",
  "violence",
  "public-order",
  "disaster",
  "duress",
  "other",
] as const;

export type CallCategory = (typeof CALL_CATEGORIES)[number];

/** What the centre takes (domain/call.py, api/calls.py), characters. */
export const LONGEST = { number: 40, name: 200, words: 4_000, address: 500 } as const;

/** Some metre: a finger on a map is not finer. */
const DECIMALS = 5;

export interface CallDraft {
  readonly category: CallCategory | null;
  readonly number: string;
  readonly name: string;
  readonly words: string;
  /** A site's code; empty for none. */
  readonly site: string;
  readonly address: string;
  readonly spot: { readonly latitude: number; readonly longitude: number } | null;
  /** The open incident that it is about; null makes a new one. */
  readonly into: number | null;
}

export const EMPTY: CallDraft = { category: null, number: "", name: "", words: "", site: "", address: "", spot: null, into: null };

export function keyOf(category: CallCategory): string {
  return String((CALL_CATEGORIES.indexOf(category) + 1) % CALL_CATEGORIES.length);
}

export function categoryOf(key: string): CallCategory | null {
  return CALL_CATEGORIES.find((category) => keyOf(category) === key) ?? null;
}

export function isEmpty(draft: CallDraft): boolean {
  return JSON.stringify(tidy(draft)) === JSON.stringify(EMPTY);
}

/** What still has to be known before it can be saved. */
export function missing(draft: CallDraft): "category" | "said" | null {
  if (draft.into === null) return draft.category === null ? "category" : null;
  return Object.keys(said(draft)).length === 0 ? "said" : null;
}

/** Who called and what they said, for the centre. */
export function said(draft: CallDraft): { number?: string; name?: string; words?: string } {
  const { number, name, words } = tidy(draft);
  return { ...(number && { number }), ...(name && { name }), ...(words && { words }) };
}

/** The new incident, for the centre. */
export function bodyOf(draft: CallDraft): object {
  const { category, site, address, spot } = tidy(draft);
  return { category, ...said(draft), ...(site && { site }), ...(address && { address }), ...spot };
}

export function rounded(spot: { readonly latitude: number; readonly longitude: number }): { latitude: number; longitude: number } {
  return { latitude: Number(spot.latitude.toFixed(DECIMALS)), longitude: Number(spot.longitude.toFixed(DECIMALS)) };
}

/** An attempt to save that got no answer: what was sent, and the newest incident that was known before. */
export interface Unsure {
  readonly sent: CallDraft;
  readonly newest: number;
}

/** The incident that the attempt made after all; null when it made none. The number may be written otherwise there. */
export function madeBefore({ sent, newest }: Unsure, incidents: readonly Incident[], me: string): Incident | null {
  const { words = null, name = null, number } = said(sent);
  return (
    incidents.find(
      ({ id, source, category, site, calls: [call] }) =>
        id > newest &&
        source === "call" &&
        category === sent.category &&
        (site?.code ?? "") === sent.site &&
        call?.taken_by === me &&
        call.words === words &&
        call.name === name &&
        (call.number === null) === (number === undefined),
    ) ?? null
  );
}

function tidy(draft: CallDraft): CallDraft {
  return { ...draft, number: draft.number.trim(), name: draft.name.trim(), words: draft.words.trim(), address: draft.address.trim() };
}
