import assert from "node:assert/strict";
import { test } from "node:test";
import { Cursor, readMessage } from "../src/link/feed.ts";
import { SseParser, type SseMessage } from "../src/link/sse.ts";
import { linkView, retryDelay, SILENCE_LIMIT_MS, STALE_AFTER_MS, WATCH_EVERY_MS } from "../src/link/timing.ts";
import { LinkState } from "../src/state/link.ts";
import type { FeedEvent } from "../src/model/types.ts";

const STREAM = 'id: 7\nevent: incident\ndata: {"what":"alarm",\ndata: "incident":{}}\n\n: comment\n\nevent: tick\r\ndata: {"position":7,"at_ms":1}\r\n\r\n';

function parse(...chunks: string[]): SseMessage[] {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.feed(chunk));
}

test("messages are the same however the network cuts the stream", () => {
  const whole = parse(STREAM);
  assert.equal(whole.length, 2);
  for (let cut = 1; cut < STREAM.length; cut++) {
    assert.deepEqual(parse(STREAM.slice(0, cut), STREAM.slice(cut)), whole, `cut at ${cut}`);
  }
  assert.deepEqual(parse(...STREAM), whole);
});

test("an event takes its position from the id of the stream", () => {
  const [message] = parse(STREAM);
  assert(message);
  assert.deepEqual(readMessage(message), { event: { name: "incident", position: 7, what: "alarm", incident: {} } });
});

test("a drill's begin and end are events as others are", () => {
  const news = readMessage({ id: "5", event: "drill", data: '{"position": 5, "what": "started", "drill": {"id": 1}}' });
  assert.deepEqual(news, { event: { name: "drill", position: 5, what: "started", drill: { id: 1 } } });
});

test("an event that this console does not know is passed over", () => {
  assert.equal(readMessage({ id: "3", event: "weather", data: "not even JSON" }), null);
});

test("the cursor takes each event once, in order", () => {
  const cursor = new Cursor(10);
  const taken = [9, 10, 11, 11, 13, 12].filter((position) => cursor.take({ position } as FeedEvent));
  assert.deepEqual(taken, [11, 13]);
  assert.equal(cursor.position, 13);
});

test("a feed that ends before the cursor was rewound", () => {
  const cursor = new Cursor(10);
  assert.equal(cursor.wasRewound({ position: 10, at_ms: 0 }), false);
  assert.equal(cursor.wasRewound({ position: 9, at_ms: 0 }), true);
});

test("the bar is red within five seconds of the last beat, also in a tab whose timers are slowed to one a second", () => {
  assert.equal(linkView(1_999), "live");
  assert.equal(linkView(STALE_AFTER_MS), "stale");
  assert(STALE_AFTER_MS + Math.max(WATCH_EVERY_MS, 1_000) < 5_000);
});

test("retries slow down, but never to more than two seconds", () => {
  const delays = [0, 1, 2, 3, 4, 50].map((failures) => retryDelay(failures, 1));
  assert.deepEqual(delays, [250, 500, 1_000, 2_000, 2_000, 2_000]);
  assert.equal(retryDelay(0, 0), 125);
});

test("a stream that shows a part begins with now, and its ticks rewind nothing", () => {
  const cursor = new Cursor(50);
  assert.deepEqual(readMessage({ id: "", event: "reload", data: "{}" }), { reload: true });
  assert(cursor.wasRewound({ position: 0, at_ms: 1 }));
  cursor.reload();
  assert(!cursor.wasRewound({ position: 0, at_ms: 1 }));
  assert(cursor.take({ position: 7 } as FeedEvent));
  assert(!cursor.wasRewound({ position: 0, at_ms: 1 }));
});

test("an incident that is somebody else's now is named by its number", () => {
  const message = { id: "9", event: "gone", data: '{"position": 9, "incident": 4}' };
  assert.deepEqual(readMessage(message), { event: { name: "gone", position: 9, incident: 4 } });
});

test("in a hidden tab, whose watch stands still, the worker's word that the centre is away turns the bar red", () => {
  let at = 0;
  const link = new LinkState(() => at);
  link.heard();
  at += SILENCE_LIMIT_MS;
  assert.equal(link.view.peek(), "live"); // nothing looked
  link.failed({ fault: "silent", status: null });
  assert.equal(link.view.peek(), "stale");
  assert.equal(link.silentSeconds.peek(), SILENCE_LIMIT_MS / 1_000);
  link.heard();
  assert.equal(link.view.peek(), "live");
  assert(SILENCE_LIMIT_MS < STALE_AFTER_MS);
});

test("a connection that broke is made again before anybody is alarmed, unless it stays away", () => {
  let at = 0;
  const link = new LinkState(() => at);
  link.heard();
  link.failed({ fault: "ended", status: null });
  assert.equal(link.view.peek(), "live");
  at += STALE_AFTER_MS;
  link.failed({ fault: "unreachable", status: null });
  assert.equal(link.view.peek(), "stale");
});
