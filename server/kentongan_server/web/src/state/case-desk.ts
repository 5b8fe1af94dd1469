// What an operator does to an incident beside answering and closing it.

import { signal } from "@preact/signals";
import type { Api } from "../api.ts";
import type { ActName } from "../i18n/cases.ts";
import { say } from "../i18n/index.ts";
import type { Incidents } from "../model/incidents.ts";
import { possible } from "../model/acts.ts";
import type { IncidentWithTimeline, Session } from "../model/types.ts";
import type { Notices } from "./notices.ts";

/** What the desk needs of the console around it. */
export interface CaseSurroundings {
  readonly api: Api;
  readonly notices: Notices;
  readonly incidents: Incidents;
  readonly session: () => Session | null;
  /** The version of the incident that was on the screen. */
  readonly versionSeen: (id: number) => number;
  readonly lostSession: (error: unknown) => boolean;
  readonly why: (error: unknown) => string;
  readonly catchUp: () => Promise<void>;
}

/** What a dialog is open for. */
export interface Question {
  readonly act: ActName | "left-out";
  readonly incident: number;
  /** The step to leave out. */
  readonly step?: string;
}

/** These need no word of the operator. */
const AT_ONCE: readonly ActName[] = ["arrive", "unpark"];

export class CaseDesk {
  readonly asking = signal<Question | null>(null);
  /** The newest incident read with its plan and contacts: the answer to an act is shown at once. */
  readonly newest = signal<IncidentWithTimeline | null>(null);
  /** What came of the newest check of a pass-phrase, by incident. */
  readonly phrase = signal<{ readonly incident: number; readonly said: string } | null>(null);
  /** What is being sent: nothing that was asked for meanwhile is lost, it waits for its turn. */
  private turn: Promise<void> = Promise.resolve();
  private readonly waiting = new Set<string>();

  constructor(private readonly around: CaseSurroundings) {}

  /** Begins an act by its button or its key; false when it cannot be done now. */
  begin(act: ActName, id: number): boolean {
    const incident = this.around.incidents.find(id)?.peek();
    const session = this.around.session();
    if (!incident || !session || !possible(incident, session).includes(act)) return false;
    if (AT_ONCE.includes(act) || (act === "take" && incident.owner === null)) void this.quietly(id, act, this.seen(id), say().cases.acts[act].done);
    else this.asking.value = { act, incident: id };
    return true;
  }

  askWhyLeftOut(incident: number, step: string): void {
    this.asking.value = { act: "left-out", incident, step };
  }

  /** Does what a dialog asked for; raises `ApiError` for the dialog to show. */
  async carryOut(act: ActName, id: number, body: object): Promise<void> {
    const versioned = act === "note" ? body : { ...this.seen(id), ...body };
    await this.send(id, act, versioned);
    this.close();
    this.around.notices.good(say().cases.acts[act].done);
  }

  /** A step was done, or left out with a reason; raises `ApiError` with a reason. */
  async step(id: number, step: string, leftOut: string | null): Promise<void> {
    const body = leftOut === null ? { step } : { step, left_out: leftOut };
    if (leftOut === null) await this.quietly(id, "step", body, null);
    else {
      await this.send(id, "step", body);
      this.close();
    }
  }

  async called(id: number, contact: number, result: string): Promise<void> {
    await this.quietly(id, "called", { contact, result }, say().cases.contacts.noted);
  }

  /** Compares what was said; it is kept nowhere. */
  async passPhrase(id: number, said: string): Promise<void> {
    this.phrase.value = null;
    await this.tell(async () => {
      const answer = await this.around.api.act<IncidentWithTimeline & { said: string }>(id, "pass-phrase", { said });
      await this.took(answer);
      this.phrase.value = { incident: id, said: answer.said };
    });
  }

  close(): void {
    this.asking.value = null;
  }

  /** Somebody else signs in. */
  clear(): void {
    this.close();
    this.newest.value = null;
    this.phrase.value = null;
  }

  private seen(id: number): { version: number } {
    return { version: this.around.versionSeen(id) };
  }

  private async quietly(id: number, act: string, body: object, done: string | null): Promise<void> {
    // A second click before the first was answered is the same wish.
    const wish = JSON.stringify([id, act, body]);
    if (this.waiting.has(wish)) return;
    this.waiting.add(wish);
    const asker = this.around.session()?.name;
    const mine = this.turn.then(() =>
      this.tell(async () => {
        if (this.around.session()?.name !== asker) return; // who asked for it has left
        await this.send(id, act, body);
        if (done !== null) this.around.notices.good(done);
      }),
    );
    this.turn = mine;
    await mine;
    this.waiting.delete(wish);
  }

  private async tell(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.around.lostSession(error)) this.around.notices.bad(say().cases.failed(this.around.why(error)));
    }
  }

  private async send(id: number, act: string, body: object): Promise<void> {
    await this.took(await this.around.api.act(id, act, body));
  }

  private async took(answer: IncidentWithTimeline): Promise<void> {
    if (this.around.session() === null) return;
    this.newest.value = answer;
    await this.around.catchUp();
  }
}
