// The words of what keeps the centre and its devices well: troubles, and how the centre does. A part
// of `Messages`, in files of their own because they are many.

import type { Detail } from "../model/types.ts";

export interface TroubleWords {
  readonly heading: string;
  readonly advice: string;
  readonly empty: string;
  readonly noneOpen: string;
  readonly open: (count: number) => string;
  readonly overdueCount: (count: number) => string;
  readonly ended: (count: number) => string;
  readonly kinds: Readonly<Record<string, string>>;
  /** Sentences for `detail.code`. */
  readonly details: Readonly<Record<string, (detail: Detail) => string>>;
  readonly columns: {
    readonly kind: string;
    readonly where: string;
    readonly since: string;
    readonly until: string;
    readonly owner: string;
    readonly deadline: string;
    readonly action: string;
  };
  readonly centre: string;
  /** Parts of the centre that can be a trouble's subject; others go by their name. */
  readonly parts: Readonly<Record<string, string>>;
  readonly times: (count: number) => string;
  readonly lasting: (elapsed: string) => string;
  readonly lasted: (elapsed: string) => string;
  readonly overdue: string;
  readonly overdueBy: (elapsed: string) => string;
  readonly left: (elapsed: string) => string;
  readonly noDeadline: string;
  readonly nobody: string;
  readonly me: (name: string) => string;
  readonly takenAt: (time: string) => string;
  readonly take: string;
  readonly takeOver: string;
  readonly taking: string;
  readonly taken: string;
  readonly takeFailed: (reason: string) => string;
  readonly over: {
    readonly title: (owner: string) => string;
    readonly ask: (owner: string) => string;
    readonly ended: string;
    readonly submit: string;
    readonly cancel: string;
  };
}

export interface CentreWords {
  readonly label: string;
  readonly well: string;
  readonly unwell: string;
  readonly unknown: string;
  readonly asking: string;
  readonly noModem: string;
  readonly more: string;
  readonly faults: {
    readonly "not-committing": string;
    readonly modem: (operator: string) => string;
    readonly weak: (operator: string, dbm: string) => string;
    readonly expiring: (operator: string, date: string) => string;
    readonly expired: (operator: string, date: string) => string;
    readonly disk: (free: string) => string;
  };
  /** Why a modem does not work. */
  readonly modemStates: Readonly<Record<string, string>>;
  readonly heading: string;
  readonly columns: {
    readonly modem: string;
    readonly state: string;
    readonly signal: string;
    readonly balance: string;
    readonly valid: string;
    readonly traffic: string;
  };
  readonly traffic: (sent: number, received: number) => string;
  readonly disk: string;
  readonly store: string;
  readonly notKnown: string;
}
