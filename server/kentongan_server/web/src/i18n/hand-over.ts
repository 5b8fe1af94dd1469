// The words of the end of a shift.

import { computed } from "@preact/signals";
import { en } from "./hand-over.en.ts";
import { id } from "./hand-over.id.ts";
import { language } from "./index.ts";

export interface HandOverWords {
  readonly shift: string;
  readonly tab: string;
  readonly heading: string;
  readonly advice: string;
  readonly yours: (count: number) => string;
  readonly nothing: string;
  readonly to: string;
  readonly toHint: string;
  readonly password: string;
  readonly passwordHint: string;
  readonly note: string;
  readonly noteHint: string;
  readonly submit: string;
  readonly byKey: string;
  readonly busy: string;
  readonly done: (to: string, count: number) => string;
  readonly missing: string;
  readonly self: string;
  readonly wrong: string;
  readonly noKey: string;
  readonly wrongKey: string;
  readonly tooMany: string;
  readonly refused: string;
  readonly failed: (why: string) => string;
  readonly past: string;
  readonly none: string;
  readonly columns: { readonly at: string; readonly from: string; readonly to: string; readonly signed: string; readonly count: string; readonly note: string; readonly page: string };
  readonly signed: { readonly password: string; readonly passkey: string };
  readonly print: string;
  readonly printOf: (id: number) => string;
}

const words = computed<HandOverWords>(() => (language.value === "en" ? en : id));

export function sayHandOver(): HandOverWords {
  return words.value;
}
