// Troubles and rejections: lists that the stream keeps true after they were read once.

import { signal, type ReadonlySignal } from "@preact/signals";

interface Row {
  readonly id: number;
}

interface Held<Item> {
  readonly item: Item;
  readonly position: number;
}

/** The centre's own lists hold so many rows (adapters/read_lists.py): behind the last one there may be others. */
export const LISTED_MOST = 500;

/**
 * How many rows are kept of what is over; twice what the centre's own lists hold. A console runs for months without a
 * reload, and forged frames alone could fill it otherwise.
 */
export const OVER_MOST = 2 * LISTED_MOST;

/**
 * Keeps the newest of each row by feed position, as `Incidents` does; rows in the order of `compare`. Those that
 * `lasts` names are kept whatever comes; of the others the newest.
 */
export class FeedList<Item extends Row> {
  private readonly held = new Map<number, Held<Item>>();
  private readonly itemsSignal = signal<readonly Item[]>([]);
  private readonly cutSignal = signal(false);

  constructor(
    private readonly compare: (left: Item, right: Item) => number,
    private readonly lasts: (item: Item) => boolean = () => false,
  ) {}

  get items(): ReadonlySignal<readonly Item[]> {
    return this.itemsSignal;
  }

  /** Whether there may be older rows than those that are held. */
  get cut(): ReadonlySignal<boolean> {
    return this.cutSignal;
  }

  /** Rows that were true at `position`. */
  apply(position: number, items: readonly Item[]): void {
    let changed = false;
    if (items.length >= LISTED_MOST) this.cutSignal.value = true;
    for (const item of items) {
      const held = this.held.get(item.id);
      if (held && held.position >= position) continue;
      this.held.set(item.id, { item, position });
      changed = true;
    }
    if (changed) this.publish();
  }

  clear(): void {
    this.held.clear();
    this.cutSignal.value = false;
    this.publish();
  }

  private publish(): void {
    const over = [...this.held.values()].filter(({ item }) => !this.lasts(item));
    if (over.length > OVER_MOST) {
      over.sort((left, right) => right.position - left.position || right.item.id - left.item.id);
      for (const { item } of over.slice(OVER_MOST)) this.held.delete(item.id);
      this.cutSignal.value = true;
    }
    this.itemsSignal.value = [...this.held.values()].map(({ item }) => item).sort(this.compare);
  }
}

/** From where on the stream misses nothing of these lists; null is one that the role may not read. */
export function oldestPosition(...lists: readonly ({ readonly position: number } | null)[]): number {
  const held = lists.flatMap((list) => (list === null ? [] : [list.position]));
  return held.length > 0 ? Math.min(...held) : 0;
}
