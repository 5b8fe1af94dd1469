// What is said on the pages of sites, plans and agencies.

import { computed } from "@preact/signals";
import { language } from "./index.ts";
import { en } from "./sites.en.ts";
import { id } from "./sites.id.ts";

export interface SiteWords {
  readonly heading: string;
  readonly advice: string;
  readonly empty: string;
  readonly back: string;
  readonly columns: { readonly name: string; readonly address: string; readonly posts: string; readonly people: string; readonly has: string };
  readonly has: { readonly place: string; readonly picture: string; readonly phrase: string };
  readonly hasNot: { readonly place: string; readonly picture: string; readonly phrase: string };
  readonly add: string;
  readonly code: string;
  readonly codeHint: string;
  readonly taken: (code: string) => string;
  readonly save: string;
  readonly saved: string;
  readonly remove: string;
  readonly removeThat: (name: string) => string;
  readonly up: (name: string) => string;
  readonly down: (name: string) => string;
  readonly facts: {
    readonly heading: string;
    readonly name: string;
    readonly address: string;
    readonly zone: string;
    readonly latitude: string;
    readonly longitude: string;
    readonly note: string;
    readonly both: string;
  };
  readonly picture: {
    readonly heading: string;
    readonly note: string;
    readonly none: string;
    readonly upload: string;
    readonly uploadHint: string;
    readonly label: (site: string) => string;
    readonly put: (post: string) => string;
    readonly take: (post: string) => string;
    readonly at: (x: number, y: number) => string;
    readonly nowhere: string;
    readonly keys: string;
    readonly saveSpots: string;
    readonly removePicture: string;
    readonly ringing: (post: string) => string;
    readonly unplaced: (posts: string) => string;
    readonly noPosts: string;
  };
  readonly people: {
    readonly heading: string;
    readonly note: string;
    readonly none: string;
    readonly name: string;
    readonly role: string;
    readonly number: string;
    readonly hours: string;
    readonly hoursHint: string;
    readonly hoursWrong: (name: string) => string;
    readonly always: string;
    readonly add: string;
    readonly one: (place: number) => string;
  };
  readonly phrase: {
    readonly heading: string;
    readonly note: string;
    readonly none: string;
    readonly since: (time: string, who: string) => string;
    readonly withDuress: string;
    readonly withoutDuress: string;
    readonly phrase: string;
    readonly duress: string;
    readonly duressHint: string;
    readonly set: string;
  };
  readonly plans: {
    readonly heading: string;
    readonly note: string;
    readonly cityHeading: string;
    readonly cityNote: string;
    readonly none: string;
    readonly any: string;
    readonly version: (version: number, who: string, time: string) => string;
    readonly builtIn: string;
    readonly withdrawn: string;
    readonly edit: string;
    readonly editThat: (category: string) => string;
    readonly make: string;
    readonly category: string;
    readonly steps: string;
    readonly step: (place: number) => string;
    readonly inIndonesian: string;
    readonly inEnglish: string;
    readonly mandatory: string;
    readonly must: string;
    readonly addStep: string;
    readonly save: string;
    readonly withdraw: string;
    readonly withdrawHint: string;
    readonly cancel: string;
    readonly saved: (category: string) => string;
    readonly stale: (version: number) => string;
    readonly takeNewer: string;
    readonly overwrite: string;
  };
  readonly agencies: {
    readonly heading: string;
    readonly advice: string;
    readonly empty: string;
    readonly columns: { readonly code: string; readonly name: string; readonly kind: string };
    readonly kinds: Readonly<Record<string, string>>;
    readonly add: string;
    readonly change: string;
    readonly changeThat: (name: string) => string;
  };
}

const words = computed<SiteWords>(() => (language.value === "en" ? en : id));

export function saySites(): SiteWords {
  return words.value;
}
