// Owns the live stream: reads it with fetch, notices silence, tries again for ever.
//
// fetch instead of EventSource, because EventSource takes a frozen server for an open stream and
// ends for good at the first 503.

import { Cursor, readMessage } from "./feed.ts";
import { SseParser, type SseMessage } from "./sse.ts";
import { retryDelay, SILENCE_LIMIT_MS } from "./timing.ts";
import type { FeedEvent, Tick } from "../model/types.ts";

/** Why there is no stream: shown to the operator in words. */
export type LinkFault = "unreachable" | "silent" | "refused" | "ended" | "unreadable";

export interface StreamListener {
  /** New events in feed order, each exactly once. */
  events(events: readonly FeedEvent[]): void;
  tick(tick: Tick): void;
  /** The stream begins with now: what was before is in the lists. */
  reload(): void;
  /** An attempt failed or the stream broke; another attempt follows. `status` is HTTP's, when refused. */
  fault(fault: LinkFault, status: number | null): void;
  /** The session ended; the stream has stopped. */
  unauthorised(): void;
  /** The centre's feed is shorter than what was taken: everything must be read anew. The stream has stopped. */
  rewound(): void;
}

class Broken extends Error {
  constructor(
    readonly fault: LinkFault,
    readonly status: number | null = null,
  ) {
    super(fault);
  }
}

/** One live stream from a feed position on; `stop()` ends it. */
export class Stream {
  private readonly cursor: Cursor;
  private readonly ended = new AbortController();
  private failures = 0;

  constructor(
    after: number,
    private readonly listener: StreamListener,
  ) {
    this.cursor = new Cursor(after);
    void this.run();
  }

  stop(): void {
    this.ended.abort();
  }

  private get stopped(): boolean {
    return this.ended.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.attempt();
      } catch (error) {
        if (this.stopped) return;
        const broken = error instanceof Broken ? error : new Broken("unreachable");
        this.listener.fault(broken.fault, broken.status);
      }
      await pause(retryDelay(this.failures, Math.random()), this.ended.signal);
      this.failures += 1;
    }
  }

  /** Reads until the stream breaks, which it reports by throwing `Broken`. */
  private async attempt(): Promise<void> {
    const silence = new Silence(this.ended.signal);
    try {
      const response = await fetch(`/api/stream?after=${this.cursor.position}`, {
        headers: { Accept: "text/event-stream" },
        cache: "no-store",
        signal: silence.signal,
      });
      if (response.status === 401) {
        this.stop();
        this.listener.unauthorised();
        return;
      }
      if (!response.ok || !response.body) throw new Broken("refused", response.status);
      await this.read(response.body, silence);
      throw new Broken("ended");
    } catch (error) {
      throw silence.fell ? new Broken("silent") : error;
    } finally {
      silence.end();
    }
  }

  private async read(body: ReadableStream<Uint8Array>, silence: Silence): Promise<void> {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.stopped) return;
      silence.broken();
      this.take(readAll(parser.feed(decoder.decode(value, { stream: true }))));
    }
  }

  private reload(): void {
    this.cursor.reload();
    this.listener.reload();
  }

  /** In the order of the stream: a tick speaks of what came before it, whatever comes in one piece with it. */
  private take(news: readonly ReturnType<typeof readMessage>[]): void {
    let fresh: FeedEvent[] = [];
    const handOn = (): void => {
      if (fresh.length > 0) this.listener.events(fresh);
      fresh = [];
    };
    for (const item of news) {
      if (item === null || this.stopped) continue;
      if ("event" in item) {
        if (this.cursor.take(item.event)) fresh.push(item.event);
        continue;
      }
      handOn();
      if ("reload" in item) this.reload();
      else this.tick(item.tick);
    }
    if (!this.stopped) handOn();
  }

  private tick(tick: Tick): void {
    this.failures = 0;
    if (this.cursor.wasRewound(tick)) {
      this.stop();
      this.listener.rewound();
    } else {
      this.listener.tick(tick);
    }
  }
}

function readAll(messages: readonly SseMessage[]): ReturnType<typeof readMessage>[] {
  try {
    return messages.map(readMessage);
  } catch {
    throw new Broken("unreadable");
  }
}

/** Aborts `signal` when nothing was heard for `SILENCE_LIMIT_MS`, or when the stream is stopped. */
class Silence {
  fell = false;
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout>;
  private readonly stop = () => this.controller.abort();

  constructor(private readonly stopped: AbortSignal) {
    stopped.addEventListener("abort", this.stop);
    this.timer = this.start();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something was heard. */
  broken(): void {
    clearTimeout(this.timer);
    this.timer = this.start();
  }

  end(): void {
    clearTimeout(this.timer);
    this.stopped.removeEventListener("abort", this.stop);
    this.controller.abort();
  }

  private start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.fell = true;
      this.controller.abort();
    }, SILENCE_LIMIT_MS);
  }
}

function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      // A centre may be away for days, and the stream lives for months: one listener a try would add up.
      stopped.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stopped.addEventListener("abort", end);
  });
}
