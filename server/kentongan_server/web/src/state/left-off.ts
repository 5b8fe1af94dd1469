// What of the open incidents one list of the centre does not carry (adapters/read_incidents.py, OPEN_MAX).

import { signal } from "@preact/signals";
import type { Listing, Incident } from "../model/types.ts";

/** Those that were left off come in as others are closed, which takes minutes each. */
const READ_EVERY_MS = 30_000;

export class LeftOff {
  /** How many open incidents the queue does not show. */
  readonly count = signal(0);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly read: () => Promise<unknown>,
    private readonly everyMs = READ_EVERY_MS,
  ) {}

  /** An open list as it came, when `held` open incidents are in the queue: more than a list carries, after hours. */
  take({ incidents, left_off = 0 }: Listing<"incidents", Incident>, held: number): void {
    this.clear();
    this.count.value = Math.max(0, left_off - Math.max(0, held - incidents.length));
    if (left_off > 0) this.wait();
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.count.value = 0;
  }

  /** Asks until an answer came, which is `take`n. */
  private wait(): void {
    const timer = setTimeout(() => {
      // A centre that is away is told by the bar; it is asked again, unless another list came or nobody is here.
      this.read().catch(() => this.timer === timer && this.wait());
    }, this.everyMs);
    this.timer = timer;
  }
}
