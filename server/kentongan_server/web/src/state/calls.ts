// The 112 desk: a call is kept here until the centre has it, whatever happens meanwhile.

import { effect, signal, type ReadonlySignal } from "@preact/signals";
import { ApiError, type Api } from "../api.ts";
import { sayCalls } from "../i18n/calls.ts";
import { bodyOf, EMPTY, isEmpty, madeBefore, missing, said, type CallDraft, type Unsure } from "../model/call.ts";
import type { Incidents } from "../model/incidents.ts";
import type { IncidentWithTimeline, Session } from "../model/types.ts";
import { reason } from "./failures.ts";
import type { Notices } from "./notices.ts";
import { go } from "./route.ts";

/** What the desk needs of the console around it. */
export interface CallSurroundings {
  readonly api: Api;
  readonly notices: Notices;
  readonly incidents: Incidents;
  readonly session: ReadonlySignal<string | Session>;
  readonly select: (id: number | null) => void;
  readonly lostSession: (error: unknown) => boolean;
}

/** Who has called with a number before. */
export interface Caller {
  readonly calls: number;
  readonly pranks: number;
  readonly newest: readonly { readonly at_ms: number; readonly category: string; readonly outcome: string | null; readonly incident: number }[];
}

/** What is known of the number on the screen. */
export type Known =
  | { readonly is: "none" | "looking" | "unreadable" }
  | { readonly is: "failed"; readonly why: string }
  | { readonly is: "here"; readonly number: string; readonly caller: Caller };

const NONE: Known = { is: "none" };

export class CallDesk {
  readonly draft = signal<CallDraft>(EMPTY);
  readonly known = signal<Known>(NONE);
  readonly busy = signal(false);
  /** Why it is not saved yet, in the words of the moment; `kept`: the centre did not take it. */
  readonly failure = signal<{ readonly text: string; readonly kept: boolean } | null>(null);
  private unsure: Unsure | null = null;
  private writer: string | null = null;
  /** Grows with every look, so that an older answer never stands beside a newer number. */
  private looks = 0;

  constructor(private readonly around: CallSurroundings) {
    // A session that expires keeps what was written; what one person wrote is not shown to another.
    effect(() => {
      const me = this.me;
      if (around.session.value === "out" || (me !== null && this.writer !== null && me !== this.writer)) this.empty();
    });
    addEventListener("beforeunload", (event) => {
      if (!isEmpty(this.draft.peek())) event.preventDefault();
    });
  }

  change(part: Partial<CallDraft>): void {
    this.draft.value = { ...this.draft.peek(), ...part };
    this.writer = this.me;
    if (part.number !== undefined) this.known.value = NONE;
    if (this.failure.peek()?.kept === false) this.failure.value = null;
  }

  empty(): void {
    this.looks += 1;
    this.draft.value = EMPTY;
    this.known.value = NONE;
    this.failure.value = null;
    this.unsure = null;
    this.writer = null;
  }

  /** Asks who has called with the number on the screen before. */
  async look(): Promise<void> {
    const number = this.draft.peek().number.trim();
    if (number === "" || this.known.peek().is === "looking") return;
    await this.ask(number, "callers/look", { number });
  }

  /** Marks the caller on the screen for a prank, or takes a mark back. */
  async mark(prank: boolean): Promise<void> {
    const known = this.known.peek();
    if (known.is !== "here") return;
    const { caller } = sayCalls();
    if (await this.ask(known.number, "callers/prank", { number: known.number, prank, why: "" })) {
      this.around.notices.good(prank ? caller.marked : caller.unmarked);
    }
  }

  /** Makes the incident, or adds the call to one, and opens it. What was written stays until the centre has it. */
  async save(): Promise<void> {
    if (this.busy.peek()) return;
    const draft = this.draft.peek();
    const words = sayCalls();
    const gap = missing(draft);
    if (gap !== null) {
      this.failure.value = { text: gap === "category" ? words.categoryMissing : words.nothingSaid, kept: false };
      return;
    }
    this.busy.value = true;
    try {
      const taken = draft.into === null ? await this.make(draft) : await this.add(draft.into, draft);
      this.around.incidents.snapshot(taken.position, [taken]);
      this.around.notices.good(draft.into === null ? words.made(taken.id) : words.added(taken.id));
      this.empty();
      this.around.select(taken.id);
      go("queue");
    } catch (error) {
      if (!this.around.lostSession(error)) this.failure.value = { text: words.unsaved(reason(error)), kept: true };
    } finally {
      this.busy.value = false;
    }
  }

  private get me(): string | null {
    const session = this.around.session.value;
    return typeof session === "string" ? null : session.name;
  }

  /** A request that got no answer may have been carried out: the next attempt looks for its incident first. */
  private async make(draft: CallDraft): Promise<IncidentWithTimeline> {
    const { api, incidents } = this.around;
    if (this.unsure !== null) {
      const { incidents: open } = await api.incidents("open");
      const found = madeBefore(this.unsure, open, this.me ?? "");
      if (found !== null) {
        const same = JSON.stringify(draft) === JSON.stringify(this.unsure.sent);
        return same || Object.keys(said(draft)).length === 0 ? await api.incident(found.id) : await this.add(found.id, draft);
      }
    }
    const newest = Math.max(0, ...incidents.queue.peek(), ...incidents.review.peek(), ...incidents.closed.peek());
    try {
      return await api.change("POST", "calls", bodyOf(draft));
    } catch (error) {
      const answered = error instanceof ApiError && error.status >= 400 && error.status < 500;
      if (!answered) this.unsure ??= { sent: draft, newest };
      throw error;
    }
  }

  private add(incident: number, draft: CallDraft): Promise<IncidentWithTimeline> {
    return this.around.api.act(incident, "call", said(draft));
  }

  private async ask(number: string, path: string, body: object): Promise<boolean> {
    const look = (this.looks += 1);
    const show = (known: Known): void => {
      if (look === this.looks && this.draft.peek().number.trim() === number) this.known.value = known;
    };
    show({ is: "looking" });
    try {
      show({ is: "here", number, caller: await this.around.api.change<Caller>("POST", path, body) });
      return true;
    } catch (error) {
      if (this.around.lostSession(error)) return false;
      const unreadable = error instanceof ApiError && (error.status === 422 || error.status === 400);
      show(unreadable ? { is: "unreadable" } : { is: "failed", why: reason(error) });
      return false;
    }
  }
}
