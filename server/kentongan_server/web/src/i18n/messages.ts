// Every sentence of the console. Each language is one object of this type, so that a missing or a
// spare key does not compile.

import type { CaseWords } from "./cases.ts";
import type { ErrorWords } from "./errors.ts";
import type { CentreWords, TroubleWords } from "./upkeep.ts";

export interface Messages {
  readonly languageName: string;
  readonly locale: string;

  readonly app: { readonly name: string; readonly place: string; readonly skip: string };

  readonly login: {
    readonly title: string;
    readonly name: string;
    readonly password: string;
    readonly submit: string;
    readonly busy: string;
    readonly wrong: string;
    readonly tooMany: string;
    readonly unreachable: string;
    readonly failed: (reason: string) => string;
    readonly expired: string;
    readonly rang: string;
  };

  readonly nav: {
    readonly label: string;
    readonly queue: string;
    readonly closed: string;
    readonly troubles: string;
    readonly rejections: string;
    readonly devices: string;
    readonly reports: string;
    readonly wall: string;
    readonly calls: string;
    readonly "hand-over": string;
    readonly drills: string;
    readonly replay: string;
    readonly sites: string;
    readonly plans: string;
    readonly agencies: string;
    readonly users: string;
    readonly account: string;
    readonly help: string;
    readonly logout: string;
    readonly language: string;
    readonly theme: string;
    readonly themes: { readonly system: string; readonly light: string; readonly dark: string; readonly dim: string };
  };

  readonly link: {
    readonly label: string;
    readonly live: string;
    readonly waiting: string;
    readonly stale: string;
    readonly lastBeat: (seconds: number) => string;
    readonly since: (time: string, elapsed: string) => string;
    readonly never: string;
    readonly advice: string;
    readonly faults: {
      readonly unreachable: string;
      readonly silent: string;
      readonly refused: (status: number | null) => string;
      readonly ended: string;
      readonly unreadable: string;
    };
    readonly loading: string;
    readonly snapshotFailed: (reason: string) => string;
    readonly back: string;
  };

  readonly sound: {
    readonly label: string;
    readonly start: string;
    readonly again: string;
    readonly off: string;
    readonly offAdvice: string;
    readonly silentAlarm: (count: number) => string;
    readonly silentAdvice: string;
    readonly ready: string;
    readonly sounding: string;
    readonly mute: string;
    readonly muteAdvice: string;
    readonly refused: string;
    readonly test: string;
  };

  readonly title: {
    readonly ringing: (count: number) => string;
    readonly alarm: (count: number, site: string) => string;
    readonly stale: string;
  };

  readonly queue: {
    readonly heading: string;
    readonly ringing: (count: number) => string;
    readonly inHand: (count: number) => string;
    readonly quiet: string;
    readonly quietAdvice: string;
    readonly unanswered: string;
    readonly answered: string;
    readonly answeredBy: (owner: string) => string;
    readonly closedState: string;
    readonly acknowledge: string;
    readonly acknowledging: string;
    readonly presses: (count: number) => string;
    readonly pressed: (time: string) => string;
    readonly pressedUnknown: string;
    readonly waiting: string;
    readonly overdue: string;
    readonly bellWaits: string;
    readonly leftOff: (count: number) => string;
    readonly sinceAnswer: string;
    readonly notSeenYet: string;
    readonly acknowledgeFailed: (reason: string) => string;
    readonly acknowledgedNow: (site: string) => string;
    /** Something came after the look that this answer is about. */
    readonly acknowledgedPart: (site: string) => string;
    /** What the answer was about came again after the look: nothing is answered. */
    readonly acknowledgedNone: (site: string) => string;
    readonly announce: (kind: string, site: string, post: string, count: number) => string;
    readonly alsoRinging: (count: number) => string;
    readonly posts: (first: string, others: number) => string;
  };

  /** The lane of a restored centre, below what rings. */
  readonly review: {
    readonly heading: (count: number) => string;
    readonly advice: string;
    readonly state: string;
    readonly looked: string;
    readonly acknowledge: string;
    readonly done: (site: string) => string;
    readonly note: string;
  };

  /** By which way an alarm came. */
  readonly ways: {
    readonly wifi: string;
    readonly wifiMeaning: string;
    readonly sms: (modem: string | null) => string;
    readonly smsMeaning: string;
    readonly centre: string;
    readonly centreMeaning: string;
    readonly also: (way: string) => string;
    readonly alsoMeaning: string;
  };

  /** Alarms that the centre itself makes. */
  readonly cutOff: {
    readonly attack: string;
    readonly outage: (count: number) => string;
    readonly sites: (count: number) => string;
    readonly more: (count: number) => string;
    readonly noticed: (time: string) => string;
    readonly since: string;
    readonly rang: string;
    readonly noPress: string;
    readonly attackAdvice: string;
    readonly outageAdvice: string;
  };

  readonly faultyButton: { readonly word: string; readonly meaning: string };

  readonly kinds: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, { readonly word: string; readonly meaning: string }>>;
  readonly variants: Readonly<Record<string, string>>;
  readonly outcomes: Readonly<Record<string, string>>;
  readonly levels: Readonly<Record<string, string>>;

  readonly incident: {
    readonly label: string;
    readonly none: string;
    readonly noneAdvice: string;
    readonly number: (id: number) => string;
    readonly address: string;
    readonly noAddress: string;
    readonly noPost: string;
    readonly close: string;
    readonly closeFirst: string;
    readonly opened: string;
    readonly owner: string;
    readonly outcome: string;
    readonly note: string;
    readonly closedAt: string;
    readonly alarms: string;
    readonly alarmsOlder: (count: number) => string;
    readonly alarmsInReplay: (count: number) => string;
    readonly path: string;
    readonly pathButton: string;
    readonly pathGateway: string;
    readonly pathCentre: string;
    readonly pathDirect: string;
    readonly held: (seconds: string) => string;
    readonly travelled: (seconds: string) => string;
    readonly timeUnknown: string;
    readonly estimated: string;
    readonly exact: string;
    readonly unknown: string;
    readonly guardSees: string;
    readonly guardConfirmed: (level: string, time: string) => string;
    readonly guardUnconfirmed: string;
    readonly guardDrilled: string;
    readonly guardBehind: (level: string) => string;
    readonly timeline: string;
    readonly timelineFailed: (reason: string) => string;
    readonly timelineMore: (count: number) => string;
    readonly columns: {
      readonly pressed: string;
      readonly certainty: string;
      readonly received: string;
      readonly post: string;
      readonly kind: string;
      readonly answer: string;
      readonly remarks: string;
    };
    readonly repeats: (count: number) => string;
    readonly whats: Readonly<Record<string, string>>;
    /** Beside an answer in the history: alarms that it did not cover. */
    readonly notCovered: (count: number) => string;
    readonly system: string;
  };

  readonly closing: {
    readonly title: (site: string) => string;
    readonly outcome: string;
    readonly outcomeMissing: string;
    readonly note: string;
    readonly noteHint: string;
    readonly submit: string;
    readonly busy: string;
    readonly cancel: string;
    readonly ringsAgain: string;
    readonly failed: (reason: string) => string;
    readonly done: (site: string) => string;
  };

  readonly closed: {
    readonly heading: string;
    readonly empty: string;
    readonly search: string;
    readonly site: string;
    readonly anySite: string;
    readonly first: string;
    readonly last: string;
    readonly find: string;
    readonly newest: string;
    readonly nothing: string;
    readonly older: string;
    readonly full: (count: number) => string;
  };

  readonly cases: CaseWords;

  readonly troubles: TroubleWords;

  readonly centre: CentreWords;

  readonly rejections: {
    readonly heading: string;
    readonly advice: string;
    readonly empty: string;
    readonly total: (count: number) => string;
    readonly reasons: Readonly<Record<string, string>>;
    readonly columns: {
      readonly reason: string;
      readonly device: string;
      readonly source: string;
      readonly count: string;
      readonly first: string;
      readonly last: string;
      readonly detail: string;
    };
    readonly unreadable: string;
    readonly parts: Readonly<Record<string, string>>;
  };

  readonly devices: {
    readonly heading: string;
    readonly advice: string;
    readonly empty: string;
    readonly states: Readonly<Record<string, string>>;
    readonly roles: Readonly<Record<string, string>>;
    readonly columns: {
      readonly state: string;
      readonly site: string;
      readonly post: string;
      readonly device: string;
      readonly heard: string;
      readonly battery: string;
      readonly signal: string;
      readonly texted: string;
      readonly action: string;
    };
    readonly field: string;
    readonly never: string;
    readonly undelivered: (count: number) => string;
    readonly reportNow: string;
    readonly reportAsked: string;
    readonly reportFailed: (reason: string) => string;
  };

  readonly list: {
    readonly loading: string;
    readonly failed: (reason: string) => string;
    readonly again: string;
    readonly newestOnly: (count: number) => string;
  };

  readonly help: {
    readonly title: string;
    readonly close: string;
    readonly singleKeys: string;
    readonly singleKeysHint: string;
    readonly keys: {
      readonly enter: string;
      readonly a: string;
      readonly move: string;
      readonly c: string;
      readonly g: string;
      readonly h: string;
      readonly f: string;
      readonly z: string;
      readonly s: string;
      readonly question: string;
      readonly escape: string;
    };
    readonly rules: string;
    readonly ruleSound: string;
    readonly ruleAgain: string;
    readonly ruleOrder: string;
  };

  readonly time: {
    readonly zone: string;
    readonly now: string;
    readonly ago: (elapsed: string) => string;
    readonly days: (count: number) => string;
    readonly unknown: string;
  };

  readonly sessionEnds: { readonly head: (time: string) => string; readonly advice: string };
  readonly upgrade: {
    readonly head: string;
    readonly advice: string;
    readonly ringing: string;
    readonly typed: string;
    readonly load: string;
    readonly anyway: string;
  };
  readonly errors: ErrorWords;
}
