// The page's end of the stream: a worker that falls silent, or never comes, is tried again.

import "./page.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromPage, FromStream } from "../src/link/messages.ts";

const looks: (() => void)[] = [];
let at = 0;

/** A worker whose file is there or not; the test speaks for it. */
class Worker {
  static made: Worker[] = [];
  readonly heard: FromPage["say"][] = [];
  readonly port = {
    onmessage: null as ((event: { data: FromStream }) => void) | null,
    postMessage: (message: FromPage) => void this.heard.push(message.say),
    close: () => {},
  };

  constructor() {
    Worker.made.push(this);
  }

  says(data: FromStream): void {
    this.port.onmessage?.({ data });
  }
}

Object.assign(globalThis, {
  SharedWorker: Worker,
  WORKER_ADDRESS: "/assets/worker.js",
  performance: { now: () => at },
  setInterval: (look: () => void) => void looks.push(look),
});

const { StreamClient } = await import("../src/link/client.ts");

/** So much time goes by, and the page looks at its watch. */
function pass(ms: number): void {
  at += ms;
  for (const look of looks) look();
}

function begin() {
  Worker.made = [];
  const lost = { times: 0 };
  const said: FromStream["say"][] = [];
  const client = new StreamClient(
    (message) => void said.push(message.say),
    () => void (lost.times += 1),
  );
  return { client, lost, said, worker: () => Worker.made.at(-1) as Worker };
}

test("a worker that never becomes ready is lost, again and again", () => {
  const { client, lost } = begin();
  client.open();
  pass(7_000);
  assert.equal(lost.times, 0);
  pass(2_000);
  assert.equal(lost.times, 1);
  client.open();
  pass(7_000);
  assert.equal(lost.times, 1);
  pass(2_000);
  assert.equal(lost.times, 2);
  client.close();
});

test("lists that take long are waited for, and after them a silent worker is lost", () => {
  const { client, lost, said, worker } = begin();
  client.open();
  assert.deepEqual(worker().heard, ["hello"]);
  worker().says({ say: "ready" });
  pass(60_000);
  assert.equal(lost.times, 0);
  client.startFrom(5);
  pass(7_000);
  worker().says({ say: "fault", fault: "silent", status: null });
  pass(7_000);
  assert.equal(lost.times, 0);
  pass(2_000);
  assert.equal(lost.times, 1);
  assert.deepEqual(said, ["ready", "fault"]);
  client.close();
});

test("a page that has left misses nobody", () => {
  const { client, lost, worker } = begin();
  client.open();
  worker().says({ say: "ready" });
  client.startFrom(5);
  client.close();
  pass(60_000);
  assert.equal(lost.times, 0);
  assert.deepEqual(worker().heard, ["hello", "from", "bye"]);
});
