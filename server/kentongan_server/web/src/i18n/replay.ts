// The words of the replay.

import { computed } from "@preact/signals";
import { language } from "./index.ts";
import { en } from "./replay.en.ts";
import { id } from "./replay.id.ts";

export interface ReplayWords {
  readonly open: string;
  readonly heading: (incident: number) => string;
  readonly advice: string;
  readonly slider: string;
  readonly at: (step: number, all: number) => string;
  readonly after: (time: string) => string;
  readonly first: string;
  readonly minuteBack: string;
  readonly back: string;
  readonly forward: string;
  readonly minuteOn: string;
  readonly last: string;
  readonly how: string;
  readonly state: string;
  readonly rings: string;
  readonly ringing: (count: number) => string;
  readonly quiet: string;
  readonly owner: string;
  readonly nobody: string;
  readonly unit: string;
  readonly alarms: string;
  readonly calls: string;
  readonly until: string;
  readonly outcome: string;
  readonly steps: string;
  readonly more: string;
  readonly which: string;
  readonly erased: string;
  readonly caller: string;
  readonly toIncident: string;
}

const words = computed<ReplayWords>(() => (language.value === "en" ? en : id));

export function sayReplay(): ReplayWords {
  return words.value;
}
