// What the link bar shows.

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { LinkFault } from "../link/stream.ts";
import { linkView, WATCH_EVERY_MS, type LinkView } from "../link/timing.ts";
import { centreNow } from "./clock.ts";

export interface Fault {
  readonly fault: LinkFault;
  readonly status: number | null;
}

/** Silence is counted on the monotonic clock: setting the PC's clock makes no link and breaks none. */
export class LinkState {
  /** When the stream last gave a sign of life, Unix ms of the centre; null before the first. */
  readonly heardAt = signal<number | null>(null);
  readonly fault = signal<Fault | null>(null);
  private readonly silentMs = signal(0);
  private heardMonotonic: number;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.heardMonotonic = now();
  }

  readonly view: ReadonlySignal<LinkView> = computed(() => {
    // The worker's own watch found the centre silent: a hidden tab looks at its watch too seldom to wait for it.
    if (this.fault.value?.fault === "silent") return "stale";
    const view = linkView(this.silentMs.value);
    return view === "live" && this.heardAt.value === null ? "waiting" : view;
  });

  /** Whole seconds since the last sign of life. */
  readonly silentSeconds: ReadonlySignal<number> = computed(() => Math.floor(this.silentMs.value / 1_000));

  /** Starts looking at the watch. */
  watch(): void {
    setInterval(() => this.look(), WATCH_EVERY_MS);
  }

  /** A tick or an event came in. */
  heard(): void {
    this.heardMonotonic = this.now();
    this.silentMs.value = 0;
    this.heardAt.value = centreNow();
    this.fault.value = null;
  }

  /** An attempt failed. Browsers let a hidden tab's timers run once a minute, but such a message comes at once. */
  failed(fault: Fault): void {
    this.fault.value = fault;
    this.look();
  }

  /** A new session starts counting anew. */
  reset(): void {
    this.heardMonotonic = this.now();
    this.silentMs.value = 0;
    this.heardAt.value = null;
    this.fault.value = null;
  }

  private look(): void {
    this.silentMs.value = this.now() - this.heardMonotonic;
  }
}
