// The page's end of the live stream.

import { Hub } from "./hub.ts";
import type { FromPage, FromStream } from "./messages.ts";

// Set by the build: the worker's file name carries a hash.
declare const WORKER_ADDRESS: string;

/**
 * A worker that says nothing for so long has crashed: even without a centre it reports every failed
 * attempt, at most `SILENCE_LIMIT_MS` and a pause of 2 s apart.
 */
const WORKER_LIMIT_MS = 8_000;

const LOOK_EVERY_MS = 1_000;

interface Port {
  send(message: FromPage): void;
  close(): void;
}

/** Connects to the stream that all tabs share, or to one of its own where there is no SharedWorker. */
export class StreamClient {
  private port: Port | null = null;
  /** "asked": the worker has not said that it is ready; "reading": the page reads its lists meanwhile; "started": it follows. */
  private stage: "asked" | "reading" | "started" = "asked";
  private heardAt = 0;

  /** `lost` is called when the worker is gone, or never came: open again and read the lists anew. */
  constructor(
    private readonly receive: (message: FromStream) => void,
    private readonly lost: () => void,
  ) {
    addEventListener("pagehide", () => this.close());
    setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** Joins (again): everything from now on is handed to `receive`. */
  open(): void {
    this.close();
    const receive = (message: FromStream): void => {
      this.heardAt = performance.now();
      if (message.say === "ready") this.stage = "reading";
      this.receive(message);
    };
    this.stage = "asked";
    this.heardAt = performance.now();
    this.port = typeof SharedWorker === "undefined" ? ownPort(receive) : sharedPort(receive);
    this.port.send({ say: "hello" });
  }

  /** The page holds the list of this feed position. */
  startFrom(position: number): void {
    this.port?.send({ say: "from", position });
    this.stage = "started";
    this.heardAt = performance.now();
  }

  close(): void {
    this.port?.send({ say: "bye" });
    this.port?.close();
    this.port = null;
  }

  private look(): void {
    if (this.port !== null && this.stage !== "reading" && performance.now() - this.heardAt > WORKER_LIMIT_MS) this.lost();
  }
}

function sharedPort(receive: (message: FromStream) => void): Port {
  const worker = new SharedWorker(WORKER_ADDRESS, { name: "kentongan-stream", type: "module" });
  worker.port.onmessage = ({ data }: MessageEvent<FromStream>) => receive(data);
  return { send: (message) => worker.port.postMessage(message), close: () => worker.port.close() };
}

function ownPort(receive: (message: FromStream) => void): Port {
  const hub = new Hub();
  return { send: (message) => hub.take(message, receive), close: () => {} };
}
