// The console's picture of the incidents, fed by snapshots and by the live stream.

import { batch, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { byClosing, byReview, byUrgency, isForReview, ringsNow, staysInPlace } from "./order.ts";
import type { FeedEvent, Incident } from "./types.ts";

type IncidentEvent = Extract<FeedEvent, { name: "incident" }>;

interface Held {
  readonly incident: Signal<Incident>;
  position: number;
}

/** Of the closed ones the newest are kept: weeks of a city, and some MB. A console runs for months without a reload. */
export const CLOSED_MOST = 1_000;

/** A search keeps what it found as long as it stands, but no more than this. */
export const FOUND_MOST = 2_000;

/** What changed, for whoever has to sound or speak. */
export interface Change {
  readonly incident: Incident;
  readonly before: Incident | null;
}

/**
 * Keeps each incident at the newest feed position seen for it: an event that comes twice, or a
 * snapshot older than an event, changes nothing. Rows read one incident's signal, so that an update
 * redraws one row.
 */
export class Incidents {
  private readonly held = new Map<number, Held>();
  private readonly queueSignal = signal<readonly number[]>([]);
  private readonly reviewSignal = signal<readonly number[]>([]);
  private readonly closedSignal = signal<readonly number[]>([]);
  private readonly foundSignal = signal<readonly number[] | null>(null);
  private readonly ringingSignal = signal<readonly number[]>([]);

  constructor(private readonly changed: (changes: readonly Change[]) => void = () => {}) {}

  /** Open incidents in the order of `byUrgency`, without those for review. */
  get queue(): ReadonlySignal<readonly number[]> {
    return this.queueSignal;
  }

  /** Open incidents of a restored centre that somebody should look through, without haste and without sound. */
  get review(): ReadonlySignal<readonly number[]> {
    return this.reviewSignal;
  }

  /** Closed incidents that were asked for or closed while the console was open. */
  get closed(): ReadonlySignal<readonly number[]> {
    return this.closedSignal;
  }

  /** What a search among the closed ones found, the one closed last first; null while nobody searches. */
  get found(): ReadonlySignal<readonly number[] | null> {
    return this.foundSignal;
  }

  /** The ringing ones, most urgent first. */
  get ringing(): ReadonlySignal<readonly number[]> {
    return this.ringingSignal;
  }

  /** The incident's signal, or null when the console does not hold it. */
  find(id: number): ReadonlySignal<Incident> | null {
    return this.held.get(id)?.incident ?? null;
  }

  /** A list that was true at `position`. */
  snapshot(position: number, incidents: readonly Incident[]): void {
    this.apply(incidents.map((incident) => ({ position, incident })));
  }

  /** All open ones that somebody sees who sees a part; such a list has no position. */
  replace(incidents: readonly Incident[]): void {
    const listed = new Set(incidents.map((incident) => incident.id));
    for (const [id, held] of this.held) {
      if (listed.has(id)) held.position = -1;
      else if (held.incident.peek().state !== "closed") this.held.delete(id);
    }
    this.snapshot(0, incidents);
    this.reorder();
  }

  /** Shows what a search found behind `before`; however old they are, they are kept until `endSearch`. */
  showFound(position: number, incidents: readonly Incident[], before: readonly number[] = []): void {
    const ids = new Set([...before, ...incidents.map((incident) => incident.id)]);
    this.foundSignal.value = [...ids].slice(0, FOUND_MOST);
    this.snapshot(position, incidents);
    this.reorder();
  }

  /** Shows the newest again and forgets what only the search wanted. */
  endSearch(): void {
    this.foundSignal.value = null;
    this.reorder();
  }

  /** It is not for this person any more. */
  drop(id: number): void {
    if (this.foundSignal.peek()?.includes(id)) this.foundSignal.value = this.foundSignal.peek()?.filter((other) => other !== id) ?? null;
    if (this.held.delete(id)) this.reorder();
  }

  /** Events of the stream, in feed order. */
  events(events: readonly IncidentEvent[]): void {
    this.apply(events);
  }

  /** Forgets everything: another operator, or a feed that was rewound. */
  clear(): void {
    this.held.clear();
    this.endSearch();
  }

  private apply(news: readonly { position: number; incident: Incident }[]): void {
    const changes: Change[] = [];
    batch(() => {
      for (const { position, incident } of news) {
        const held = this.held.get(incident.id);
        if (!held) {
          this.held.set(incident.id, { incident: signal(incident), position });
          changes.push({ incident, before: null });
        } else if (position > held.position) {
          changes.push({ incident, before: held.incident.peek() });
          held.incident.value = incident;
          held.position = position;
        }
      }
      // In a flood most are pressed once more, and stand where they stood.
      if (changes.some(({ incident, before }) => before === null || !staysInPlace(before, incident))) this.reorder();
    });
    if (changes.length > 0) this.changed(changes);
  }

  private reorder(): void {
    const all = [...this.held.values()].map((held) => held.incident.peek());
    const notClosed = all.filter((incident) => incident.state !== "closed");
    const open = notClosed.filter((incident) => !isForReview(incident)).sort(byUrgency);
    const closed = all.filter((incident) => incident.state === "closed").sort(byClosing);
    assign(this.queueSignal, open);
    assign(this.reviewSignal, notClosed.filter(isForReview).sort(byReview));
    const found = new Set(this.foundSignal.peek());
    for (const { id } of closed.splice(CLOSED_MOST)) if (!found.has(id)) this.held.delete(id);
    assign(this.closedSignal, closed);
    assign(this.ringingSignal, open.filter(ringsNow));
  }
}

/** Sets the ids, unless they are the same: a list that did not change is not drawn again. */
function assign(target: Signal<readonly number[]>, incidents: readonly Incident[]): void {
  const before = target.peek();
  if (before.length === incidents.length && incidents.every((incident, index) => incident.id === before[index])) return;
  target.value = incidents.map((incident) => incident.id);
}
