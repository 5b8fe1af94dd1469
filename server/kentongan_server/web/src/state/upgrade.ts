// After an upgrade of the centre a page that is open keeps its old code: parts that it has not loaded yet are gone,
// and the centre may understand it no longer. It is offered to load the page again; that is never done unasked.

import { effect, signal, type ReadonlySignal } from "@preact/signals";
import type { LinkView } from "../link/timing.ts";
import { isOther } from "../model/build.ts";

/** Between two looks at a centre that never was away: its files alone may have been exchanged. */
const LOOK_EVERY_MS = 3_600_000;

/** Bounds one look. */
const LOOK_LIMIT_MS = 8_000;

/** A part of the console did not come: the centre is away, or has a newer console without it. */
export class PartMissingError extends Error {}

export class Upgrade {
  private readonly offeredSignal = signal(false);
  private readonly own = document.querySelector<HTMLScriptElement>('script[type="module"]')?.getAttribute("src") ?? null;
  private away = false;

  /** Whether the centre has another console than the one that runs. */
  get offered(): ReadonlySignal<boolean> {
    return this.offeredSignal;
  }

  /** Looks whenever the centre is back, which is when it can have become another. */
  watch(link: ReadonlySignal<LinkView>): void {
    setInterval(() => void this.look(), LOOK_EVERY_MS);
    effect(() => {
      const live = link.value === "live";
      if (live && this.away) void this.look();
      this.away = !live;
    });
  }

  /** Fetches a part of the console; raises `PartMissingError`. */
  async part<Part>(fetching: Promise<Part>): Promise<Part> {
    try {
      return await fetching;
    } catch (error) {
      void this.look();
      throw new PartMissingError("a part of the console did not come", { cause: error });
    }
  }

  /** Asks the centre for its console, and offers it when it is another one. */
  async look(): Promise<void> {
    try {
      const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(LOOK_LIMIT_MS) });
      if (answer.ok && isOther(this.own, await answer.text())) this.offeredSignal.value = true;
    } catch {
      // The centre is away: it is looked at again when it is back.
    }
  }
}

export const upgrade = new Upgrade();
