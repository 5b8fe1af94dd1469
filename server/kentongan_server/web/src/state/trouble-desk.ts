// Taking a trouble: who looks after it. Nobody's is taken from them without a question.

import { signal } from "@preact/signals";
import { ApiError, type Api } from "../api.ts";
import { say } from "../i18n/index.ts";
import type { FeedList } from "../model/lists.ts";
import { isFree } from "../model/trouble-board.ts";
import type { Trouble } from "../model/types.ts";
import type { Notices } from "./notices.ts";

/** What the desk needs of the console around it. */
export interface Surroundings {
  readonly api: Api;
  readonly notices: Notices;
  readonly troubles: FeedList<Trouble>;
  readonly me: () => string | null;
  readonly lostSession: (error: unknown) => boolean;
  readonly why: (error: unknown) => string;
}

export class TroubleDesk {
  /** The trouble for which the question "take it over?" is open. */
  readonly asking = signal<number | null>(null);
  /** Troubles whose request is on its way. */
  readonly busy = signal<ReadonlySet<number>>(new Set());

  constructor(private readonly around: Surroundings) {}

  find(id: number): Trouble | null {
    return this.around.troubles.items.value.find((trouble) => trouble.id === id) ?? null;
  }

  isMine(trouble: Trouble): boolean {
    return !isFree(trouble) && trouble.owner === this.around.me();
  }

  /** Takes what nobody has; asks first when it is another's, also when that turns out only now. */
  async take(id: number): Promise<void> {
    const trouble = this.find(id);
    if (trouble && !isFree(trouble)) this.asking.value = id;
    else await this.send(id, false);
  }

  /** The answer to the question was yes. */
  async takeOver(id: number): Promise<void> {
    this.asking.value = null;
    await this.send(id, true);
  }

  close(): void {
    this.asking.value = null;
  }

  private async send(id: number, over: boolean): Promise<void> {
    if (this.busy.peek().has(id)) return;
    this.busy.value = new Set([...this.busy.peek(), id]);
    const { api, notices, lostSession, why } = this.around;
    try {
      await api.take(id, over);
      await this.readAgain();
      notices.good(say().troubles.taken);
    } catch (error) {
      if (error instanceof ApiError && error.status === 409 && !over) await this.isAnothers(id);
      else if (!lostSession(error)) notices.bad(say().troubles.takeFailed(why(error)));
    } finally {
      this.busy.value = new Set([...this.busy.peek()].filter((other) => other !== id));
    }
  }

  /** Somebody was faster, or it ended meanwhile: show which, and ask only what can be asked. */
  private async isAnothers(id: number): Promise<void> {
    try {
      await this.readAgain();
    } catch (error) {
      if (this.around.lostSession(error)) return;
    }
    const trouble = this.find(id);
    if (trouble?.closed_at_ms === null) this.asking.value = id;
    else this.around.notices.good(say().troubles.over.ended);
  }

  private async readAgain(): Promise<void> {
    const { position, troubles } = await this.around.api.troubles();
    if (this.around.me() !== null) this.around.troubles.apply(position, troubles);
  }
}
