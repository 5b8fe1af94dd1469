// Hands one stream to several listeners. Runs in the SharedWorker, or in the page where the browser
// has no SharedWorker.

import type { FromPage, FromStream } from "./messages.ts";
import { Stream, type StreamListener } from "./stream.ts";

export type Deliver = (message: FromStream) => void;

/**
 * Gapless for whoever joins: a page says hello, from then on gets every event, and only then reads
 * its list. The list's position is at least that of the last event sent before the hello, so list
 * and events overlap or touch, and the page drops what its list already holds.
 */
export class Hub implements StreamListener {
  private readonly pages = new Set<Deliver>();
  private stream: Stream | null = null;

  take(message: FromPage, deliver: Deliver): void {
    if (message.say === "hello") {
      this.pages.add(deliver);
      deliver({ say: "ready" });
    } else if (message.say === "from") {
      this.stream ??= new Stream(message.position, this);
    } else {
      this.pages.delete(deliver);
      if (this.pages.size === 0) this.end();
    }
  }

  events(events: Extract<FromStream, { say: "events" }>["events"]): void {
    this.tell({ say: "events", events });
  }

  tick(tick: Extract<FromStream, { say: "tick" }>["tick"]): void {
    this.tell({ say: "tick", tick });
  }

  reload(): void {
    this.tell({ say: "reload" });
  }

  fault(fault: Extract<FromStream, { say: "fault" }>["fault"], status: number | null): void {
    this.tell({ say: "fault", fault, status });
  }

  unauthorised(): void {
    this.end();
    this.tell({ say: "unauthorised" });
  }

  rewound(): void {
    this.end();
    this.tell({ say: "rewound" });
  }

  private end(): void {
    this.stream?.stop();
    this.stream = null;
  }

  private tell(message: FromStream): void {
    for (const deliver of this.pages) deliver(message);
  }
}
