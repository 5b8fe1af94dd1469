// Silence for a short while, in view of everybody: a new alarm ends it, and so does its time.

import { computed, signal, type ReadonlySignal } from "@preact/signals";

/** Long enough for one call on the telephone, short enough that nobody forgets what rings. */
export const MUTE_MS = 60_000;

const EVERY_MS = 250;

export class Mute {
  private readonly leftMs = signal(0);
  private until = 0;
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whole seconds that are left; 0 when the sound is not muted. */
  readonly seconds: ReadonlySignal<number> = computed(() => Math.ceil(this.leftMs.value / 1_000));
  readonly on: ReadonlySignal<boolean> = computed(() => this.leftMs.value > 0);

  start(): void {
    this.until = this.now() + MUTE_MS;
    this.timer ??= setInterval(() => this.look(), EVERY_MS);
    this.look();
  }

  end(): void {
    this.until = 0;
    this.look();
  }

  private look(): void {
    this.leftMs.value = Math.max(0, this.until - this.now());
    if (this.leftMs.peek() > 0 || this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}
