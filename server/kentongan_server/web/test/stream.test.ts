// The stream as it comes: whatever the network joins into one piece, each message means what it means alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stream, type StreamListener } from "../src/link/stream.ts";

const tick = (position: number): string => `event: tick\ndata: {"position":${position},"at_ms":1}\n\n`;
const event = (position: number): string => `id: ${position}\nevent: rejection\ndata: {"rejection":{}}\n\n`;
const reload = "event: reload\ndata: {}\n\n";

/** What the page is told of a stream from behind `after` that brings this in one piece, and breaks then. */
async function told(after: number, piece: string): Promise<string[]> {
  const heard: string[] = [];
  let end = (): void => {};
  const over = new Promise<void>((done) => (end = done));
  const listener: StreamListener = {
    events: (events) => void heard.push(...events.map(({ position }) => `event ${position}`)),
    tick: ({ position }) => void heard.push(`tick ${position}`),
    reload: () => void heard.push("reload"),
    fault: () => end(),
    unauthorised: () => end(),
    rewound: () => {
      heard.push("rewound");
      end();
    },
  };
  globalThis.fetch = async () => new Response(piece);
  const stream = new Stream(after, listener);
  await over;
  stream.stop();
  return heard;
}

test("a tick in one piece with what came after it takes nothing back", async () => {
  assert.deepEqual(await told(5, tick(5) + event(6) + event(7)), ["tick 5", "event 6", "event 7"]);
});

test("what came before a tick is handed on before it", async () => {
  assert.deepEqual(await told(5, event(6) + tick(6) + event(6) + event(7)), ["event 6", "tick 6", "event 7"]);
});

test("a tick from before what was taken means that the history was taken back, and ends the stream", async () => {
  assert.deepEqual(await told(5, event(6) + tick(5) + event(7)), ["event 6", "rewound"]);
});

test("what comes with the word to read the lists anew comes after it", async () => {
  assert.deepEqual(await told(9, reload + event(3) + tick(0)), ["reload", "event 3", "tick 0"]);
});
