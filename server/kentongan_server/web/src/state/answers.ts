// The answer to what rings: what was on the screen, and what came of it.

import { signal } from "@preact/signals";
import type { Api } from "../api.ts";
import { say } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { cameTo, type CameTo } from "../model/answer.ts";
import type { Incidents } from "../model/incidents.ts";
import { isForReview, owedAlarms } from "../model/order.ts";
import type { Answerable } from "../model/seen.ts";
import type { Incident } from "../model/types.ts";
import { reason } from "./failures.ts";
import type { Notices } from "./notices.ts";

/** What answering needs of the console around it. */
export interface AnswerSurroundings {
  readonly api: Api;
  readonly notices: Notices;
  readonly incidents: Incidents;
  readonly answerable: (incident: Incident) => Answerable;
  readonly versionSeen: (id: number) => number;
  readonly lostSession: (error: unknown) => boolean;
  readonly catchUp: () => Promise<void>;
}

export class Answers {
  /** The incidents whose answer is on its way. */
  readonly busy = signal<ReadonlySet<number>>(new Set());

  constructor(private readonly around: AnswerSurroundings) {}

  /** Answers what of the incident the operator has had on screen. */
  async give(id: number): Promise<void> {
    const { api, notices, incidents, answerable, versionSeen } = this.around;
    const incident = incidents.find(id)?.peek();
    if (!incident || this.busy.peek().has(id)) return;
    if (answerable(incident) === "none") {
      notices.bad(say().queue.notSeenYet);
      return;
    }
    const meant = owedAlarms(incident).map((alarm) => alarm.id);
    await this.send(id, async () => {
      const after = await api.acknowledge(id, versionSeen(id));
      this.tell(incident, cameTo(meant, after));
    });
  }

  /** Says only what the centre has written down: somebody may have pressed again since the look. */
  private tell(incident: Incident, came: CameTo): void {
    const { queue, review } = say();
    const name = whereIs(incident);
    if (came === "all") this.around.notices.good((isForReview(incident) ? review.done : queue.acknowledgedNow)(name));
    else this.around.notices.bad((came === "part" ? queue.acknowledgedPart : queue.acknowledgedNone)(name));
  }

  private async send(id: number, request: () => Promise<void>): Promise<void> {
    this.busy.value = new Set([...this.busy.peek(), id]);
    try {
      await request();
      await this.around.catchUp();
    } catch (error) {
      if (!this.around.lostSession(error)) this.around.notices.bad(say().queue.acknowledgeFailed(reason(error)));
    } finally {
      this.busy.value = new Set([...this.busy.peek()].filter((other) => other !== id));
    }
  }
}
