// The words of the 112 desk.

import { computed } from "@preact/signals";
import { en } from "./calls.en.ts";
import { id } from "./calls.id.ts";
import { language } from "./index.ts";

export interface CallDeskWords {
  readonly heading: string;
  readonly advice: string;
  readonly category: string;
  readonly number: string;
  readonly numberHint: string;
  readonly name: string;
  readonly words: string;
  readonly wordsHint: string;
  readonly about: string;
  readonly aboutNew: string;
  readonly where: string;
  readonly site: string;
  readonly noSite: string;
  readonly address: string;
  readonly addressHint: string;
  readonly map: string;
  readonly mapHint: string;
  readonly mapNone: string;
  readonly spot: (place: string) => string;
  readonly dropSpot: string;
  readonly save: string;
  readonly add: string;
  readonly busy: string;
  readonly again: string;
  readonly empty: string;
  readonly emptyAsk: string;
  readonly emptySure: string;
  readonly keep: string;
  readonly categoryMissing: string;
  readonly nothingSaid: string;
  readonly unsaved: (why: string) => string;
  readonly kept: string;
  readonly made: (incident: number) => string;
  readonly added: (incident: number) => string;
  readonly open: string;
  readonly caller: {
    readonly heading: string;
    readonly none: string;
    readonly looking: string;
    readonly first: string;
    readonly known: (calls: number) => string;
    readonly pranks: (count: number) => string;
    readonly badNumber: string;
    readonly failed: (why: string) => string;
    readonly mark: string;
    readonly unmark: string;
    readonly marked: string;
    readonly unmarked: string;
    readonly afterSaving: string;
    readonly openStill: string;
    readonly incident: (id: number) => string;
  };
}

const words = computed<CallDeskWords>(() => (language.value === "en" ? en : id));

export function sayCalls(): CallDeskWords {
  return words.value;
}
