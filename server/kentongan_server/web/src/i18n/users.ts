// What is said on the page of people.

import { computed } from "@preact/signals";
import { language } from "./index.ts";
import { en } from "./users.en.ts";
import { id } from "./users.id.ts";

export interface UserWords {
  readonly heading: string;
  readonly advice: string;
  readonly empty: string;
  readonly columns: { readonly name: string; readonly role: string; readonly bound: string; readonly state: string; readonly action: string };
  readonly states: { readonly active: string; readonly disabled: string; readonly first: string };
  readonly keys: (count: number) => string;
  readonly byIssuer: string;
  readonly add: string;
  readonly addTitle: string;
  readonly name: string;
  readonly nameHint: string;
  readonly fullName: string;
  readonly role: string;
  readonly agency: string;
  readonly noAgency: string;
  readonly noAgencies: string;
  readonly sites: string;
  readonly noSites: string;
  readonly email: string;
  readonly emailHint: string;
  readonly change: string;
  readonly changeThat: (name: string) => string;
  readonly save: string;
  readonly cancel: string;
  readonly close: string;
  readonly added: (name: string) => string;
  readonly saved: (name: string) => string;
  readonly endsSessions: string;
  readonly reset: string;
  readonly resetAsk: (name: string) => string;
  readonly resetDo: string;
  readonly disable: string;
  readonly disableAsk: (name: string) => string;
  readonly disableDo: string;
  readonly enable: string;
  readonly disabled: (name: string) => string;
  readonly enabled: (name: string) => string;
  readonly sessions: string;
  readonly once: { readonly title: (name: string) => string; readonly note: string; readonly copy: string; readonly copied: string; readonly done: string };
}

const words = computed<UserWords>(() => (language.value === "en" ? en : id));

export function sayUsers(): UserWords {
  return words.value;
}
