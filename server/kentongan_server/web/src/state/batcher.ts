// Hands items on at once while they come singly, and in batches when they come in a flood.

export class Batcher<Item> {
  private waiting: Item[] = [];
  private handedAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly everyMs: number,
    private readonly hand: (items: readonly Item[]) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  push(items: readonly Item[]): void {
    this.waiting.push(...items);
    const wait = this.handedAt + this.everyMs - this.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Forgets what was not handed on yet. */
  drop(): void {
    this.waiting = [];
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const items = this.waiting;
    this.waiting = [];
    if (items.length > 0) this.hand(items);
    // Counted from the end of the work: a slow machine gets time for keys in between.
    this.handedAt = this.now();
  }
}
