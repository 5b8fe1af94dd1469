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
  private heardMonotonic = performance.now();

  readonly view: ReadonlySignal<LinkView> = computed(() => {
    const view = linkView(this.silentMs.value);
    return view === "live" && this.heardAt.value === null ? "waiting" : view;
  });

  /** Whole seconds since the last sign of life. */
  readonly silentSeconds: ReadonlySignal<number> = computed(() => Math.floor(this.silentMs.value / 1_000));

  /** Starts looking at the watch. */
  watch(): void {
    setInterval(() => (this.silentMs.value = performance.now() - this.heardMonotonic), WATCH_EVERY_MS);
  }

  /** A tick or an event came in. */
  heard(): void {
    this.heardMonotonic = performance.now();
    this.silentMs.value = 0;
    this.heardAt.value = centreNow();
    this.fault.value = null;
  }

  failed(fault: Fault): void {
    this.fault.value = fault;
  }

  /** A new session starts counting anew. */
  reset(): void {
    this.heardMonotonic = performance.now();
    this.silentMs.value = 0;
    this.heardAt.value = null;
    this.fault.value = null;
  }
}
