// The incident that keys act on.

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Incidents } from "../model/incidents.ts";
import { page } from "./route.ts";

export class Selection {
  private readonly chosen = signal<number | null>(null);

  /** The incidents of the page, in the order in which it shows them. */
  readonly listed: ReadonlySignal<readonly number[]> = computed(() => {
    const { closed, found, queue, review } = this.incidents;
    return page.value === "closed" ? (found.value ?? closed.value) : [...queue.value, ...review.value];
  });

  /** The chosen incident while it is on the page, else the top of the queue. */
  readonly selected: ReadonlySignal<number | null> = computed(() => {
    const list = this.listed.value;
    const chosen = this.chosen.value;
    return chosen !== null && list.includes(chosen) ? chosen : (list[0] ?? null);
  });

  /** What a key acknowledges: the selected incident if it rings, else the most urgent one. */
  readonly target: ReadonlySignal<number | null> = computed(() => {
    const ringing = this.incidents.ringing.value;
    const selected = this.selected.value;
    if (page.value === "wall") return null;
    if (page.value === "queue" && selected !== null && ringing.includes(selected)) return selected;
    return ringing[0] ?? null;
  });

  constructor(private readonly incidents: Incidents) {}

  /** Chooses the row; null lets the console choose. */
  choose(id: number | null): void {
    this.chosen.value = id;
  }

  /** The selection goes to what rings, unless it is on a ringing row already. */
  toRinging(): void {
    const ringing = this.incidents.ringing.peek();
    const selected = this.selected.peek();
    if (ringing[0] !== undefined && (selected === null || !ringing.includes(selected))) this.chosen.value = ringing[0];
    // What was selected stays selected when the queue is sorted anew.
    else if (this.chosen.peek() === null) this.chosen.value = selected;
  }
}
