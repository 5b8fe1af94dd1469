// The words of the page of drills.

import { computed } from "@preact/signals";
import { en } from "./drills.en.ts";
import { id } from "./drills.id.ts";
import { language } from "./index.ts";

export interface DrillWords {
  readonly tab: string;
  readonly heading: string;
  readonly advice: string;
  readonly new: string;
  readonly name: string;
  readonly nameHint: string;
  readonly minutes: string;
  readonly which: string;
  readonly post: string;
  readonly noPost: string;
  readonly kind: string;
  readonly after: string;
  readonly add: string;
  readonly remove: string;
  readonly start: string;
  readonly busy: string;
  readonly started: (name: string) => string;
  readonly failed: (why: string) => string;
  readonly missing: string;
  readonly tooLate: string;
  readonly running: string;
  readonly past: string;
  readonly none: string;
  readonly by: (who: string, time: string) => string;
  readonly left: (time: string) => string;
  readonly rang: (count: number, all: number) => string;
  readonly hasRung: string;
  readonly ringsIn: (time: string) => string;
  readonly notRung: string;
  readonly end: string;
  readonly endAsk: string;
  readonly endSure: string;
  readonly goOn: string;
  readonly ended: string;
  readonly endedBy: (who: string, time: string) => string;
  readonly endedByTime: (time: string) => string;
}

const words = computed<DrillWords>(() => (language.value === "en" ? en : id));

export function sayDrills(): DrillWords {
  return words.value;
}
