// What is said of one's own account: the ways in, the password, sessions, passkeys; and why a change was refused.

import { computed } from "@preact/signals";
import { en } from "./account.en.ts";
import { id } from "./account.id.ts";
import { language } from "./index.ts";

export interface AccountWords {
  /** By the centre's code; what is not here says the centre's own sentence. */
  readonly faults: Readonly<Record<string, string>>;
  readonly notSaved: (reason: string) => string;
  readonly manage: string;
  readonly roles: Readonly<Record<string, string>>;

  readonly ways: {
    readonly or: string;
    readonly passkey: string;
    readonly issuer: (name: string) => string;
    readonly wrongKey: string;
    readonly noKey: string;
    /** By the word at the end of the address to which the city's own log-in sends a browser back. */
    readonly sentBack: Readonly<Record<string, string>>;
  };
  readonly must: { readonly title: string; readonly why: (name: string) => string; readonly leave: string };
  readonly password: {
    readonly heading: string;
    readonly note: string;
    readonly old: string;
    readonly oldOneTime: string;
    readonly fresh: string;
    readonly again: string;
    readonly hint: string;
    readonly differs: string;
    readonly same: string;
    readonly short: string;
    readonly submit: string;
    readonly busy: string;
    readonly done: string;
  };
  readonly heading: string;
  readonly facts: { readonly name: string; readonly fullName: string; readonly role: string; readonly agency: string; readonly until: string };
  readonly sessions: {
    readonly heading: string;
    readonly note: string;
    readonly none: string;
    readonly columns: { readonly began: string; readonly seen: string; readonly expires: string; readonly method: string; readonly action: string };
    readonly methods: Readonly<Record<string, string>>;
    readonly own: string;
    readonly end: string;
    readonly endThat: (began: string) => string;
    readonly ended: string;
  };
  readonly passkeys: {
    readonly heading: string;
    readonly note: string;
    readonly off: string;
    readonly none: string;
    readonly columns: { readonly label: string; readonly made: string; readonly used: string; readonly action: string };
    readonly never: string;
    readonly label: string;
    readonly labelHint: string;
    readonly password: string;
    readonly add: string;
    readonly busy: string;
    readonly added: (label: string) => string;
    readonly notMade: string;
    readonly known: string;
    readonly remove: string;
    readonly removeThat: (label: string) => string;
    readonly removed: (label: string) => string;
  };
}

const words = computed<AccountWords>(() => (language.value === "en" ? en : id));

export function sayAccount(): AccountWords {
  return words.value;
}
