// How the centre itself does, asked again and again while somebody is signed in.

import { effect, signal } from "@preact/signals";
import { ApiError, type Api } from "../api.ts";
import type { CentreState } from "../model/types.ts";

/** A modem that fails is a trouble within seconds anyway; this only keeps the small line honest. */
const ASK_EVERY_MS = 5_000;

export class CentreWatch {
  /** The centre's newest word, or null before the first. */
  readonly state = signal<CentreState | null>(null);
  /** True while the newest question was not answered: what `state` says may be over. */
  readonly unknown = signal(false);
  /** True where this role may not ask. */
  readonly closed = signal(false);

  constructor(api: Api, signedIn: () => boolean, lostSession: (error: unknown) => boolean) {
    const ask = async (): Promise<void> => {
      try {
        const state = await api.centre();
        if (!signedIn()) return;
        this.state.value = state;
        this.unknown.value = false;
      } catch (error) {
        if (error instanceof ApiError && error.status === 403) this.closed.value = true;
        else if (signedIn() && !lostSession(error)) this.unknown.value = true;
      }
    };
    effect(() => {
      this.state.value = null;
      this.unknown.value = false;
      this.closed.value = false;
      if (!signedIn()) return undefined;
      void ask();
      const timer = setInterval(() => this.closed.peek() || void ask(), ASK_EVERY_MS);
      return () => clearInterval(timer);
    });
  }
}
