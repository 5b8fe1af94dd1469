// What is said of an incident's life: priority, state, acts, plan, calls back. Part of `Messages`.

export interface CaseWords {
  readonly categories: Readonly<Record<string, string>>;
  /** By number: 1 goes first. */
  readonly priorities: Readonly<Record<string, string>>;
  readonly priority: (word: string) => string;
  readonly states: Readonly<Record<string, string>>;
  readonly elsewhere: string;
  readonly byPhone: string;
  readonly caller: string;
  readonly pranks: (count: number) => string;
  readonly reminding: string;
  readonly owner: string;
  readonly mine: (name: string) => string;
  readonly nobody: string;
  readonly dispatchedTo: (who: string) => string;
  readonly parkedFor: (left: string) => string;
  readonly mergedInto: (id: number) => string;
  readonly splitFrom: (id: number) => string;
  readonly causes: Readonly<Record<string, string>>;
  readonly cause: string;
  readonly causeMissing: string;
  /** By the centre's code. */
  readonly refusals: Readonly<Record<string, string>>;
  readonly failed: (reason: string) => string;

  readonly acts: Readonly<Record<ActName, { readonly name: string; readonly done: string }>>;
  readonly actsLabel: string;
  readonly submit: string;
  readonly busy: string;
  readonly cancel: string;
  readonly missing: string;
  readonly dispatchTo: string;
  readonly dispatchHint: string;
  readonly why: string;
  readonly whyOptional: string;
  readonly parkUntil: string;
  readonly minutes: (count: number) => string;
  readonly takeOver: (owner: string) => string;
  readonly takeOverAsk: (owner: string) => string;
  readonly mergeInto: string;
  readonly mergeNone: string;
  readonly splitWhich: string;
  readonly noteText: string;

  readonly plan: {
    readonly heading: (done: number, all: number) => string;
    readonly none: string;
    readonly mandatory: string;
    readonly leaveOut: string;
    readonly leaveOutTitle: string;
    readonly leftOut: (reason: string) => string;
    readonly doneBy: (who: string, time: string) => string;
  };
  readonly contacts: {
    readonly heading: string;
    readonly none: string;
    readonly now: string;
    readonly notNow: string;
    readonly results: Readonly<Record<string, string>>;
    readonly noted: string;
  };
  readonly phrase: {
    readonly label: string;
    readonly check: string;
    readonly right: string;
    readonly wrong: string;
    readonly duress: string;
  };
  readonly drill: { readonly head: string; readonly advice: string };
  readonly mute: {
    readonly start: string;
    readonly on: (seconds: number) => string;
    readonly end: string;
  };
  readonly wall: {
    readonly open: string;
    readonly label: string;
    readonly leave: string;
    readonly soundAdvice: string;
    readonly counts: (ringing: number, open: number) => string;
  };
  readonly map: {
    readonly label: string;
    readonly loading: string;
    /** What the drawing of the city itself is called, within the map. */
    readonly city: string;
    readonly drawn: string;
    readonly nothing: string;
    readonly larger: string;
    readonly smaller: string;
    readonly whole: string;
    readonly noPlace: string;
    readonly onTheWay: (unit: string) => string;
    readonly there: (unit: string) => string;
  };
}

export const ACT_NAMES = [
  "take",
  "dispatch",
  "arrive",
  "withdraw",
  "park",
  "unpark",
  "reopen",
  "merge",
  "split",
  "note",
] as const;

export type ActName = (typeof ACT_NAMES)[number];
