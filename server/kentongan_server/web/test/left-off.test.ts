// Where a list of the centre is cut, the operator is told, and what was left off comes in by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FeedList, LISTED_MOST, OVER_MOST } from "../src/model/lists.ts";
import { lacksSome, RESTORED_SHOWN_MS } from "../src/model/trouble-board.ts";
import type { Incident, Trouble } from "../src/model/types.ts";
import { LeftOff } from "../src/state/left-off.ts";
import { alarm, incident } from "./incidents.ts";

const listing = (size: number, left_off?: number) => {
  const incidents: Incident[] = Array.from({ length: size }, (_, index) => incident(index, [alarm(index)]));
  return { position: 1, incidents, ...(left_off === undefined ? {} : { left_off }) };
};

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setTimeout(done, 1));
}

/** Lets timers run until it is so; a test that fails must also end. */
async function until(condition: () => boolean): Promise<void> {
  for (let waits = 0; waits < 400 && !condition(); waits += 1) await turns();
  assert(condition());
}

test("it is told how many more are open than the queue shows", () => {
  const leftOff = new LeftOff(async () => {});
  leftOff.take(listing(3, 37), 3);
  assert.equal(leftOff.count.value, 37);
  leftOff.take(listing(3, 37), 10); // the stream brought seven of them
  assert.equal(leftOff.count.value, 30);
  leftOff.take(listing(3), 3);
  assert.equal(leftOff.count.value, 0);
});

test("what was left off is asked for again until a whole list came, also while the centre is away", async () => {
  let asked = 0;
  const leftOff: LeftOff = new LeftOff(async () => {
    asked += 1;
    if (asked === 1) throw new Error("away");
    leftOff.take(asked < 3 ? listing(2, 1) : listing(2), 2);
  }, 0);
  leftOff.take(listing(2, 2), 2);
  await until(() => asked >= 3);
  await turns();
  assert.equal(asked, 3);
  assert.equal(leftOff.count.value, 0);
});

test("who leaves is asked for nothing more, also when an answer was on its way", async () => {
  let asked = 0;
  let fail = (): void => {};
  const leftOff = new LeftOff(() => {
    asked += 1;
    return new Promise((_done, failed) => (fail = () => failed(new Error("away"))));
  }, 0);
  leftOff.take(listing(2, 2), 2);
  await until(() => asked >= 1);
  leftOff.clear();
  fail();
  await turns();
  assert.equal(asked, 1);
  assert.equal(leftOff.count.value, 0);
});

test("a list of rows says that it is cut when it came full, or when older ones went", () => {
  const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));
  const list = new FeedList<{ id: number }>((left, right) => left.id - right.id);
  list.apply(1, rows(LISTED_MOST - 1));
  assert.equal(list.cut.value, false);
  list.apply(2, rows(LISTED_MOST));
  assert.equal(list.cut.value, true);
  list.clear();
  assert.equal(list.cut.value, false);
  for (const { id } of rows(OVER_MOST + 1)) list.apply(id + 1, [{ id }]);
  assert.equal(list.cut.value, true);
});

test("the board of troubles lacks nothing when what is cut off was over a shift ago", () => {
  const now = 10 * RESTORED_SHOWN_MS;
  const over = (ago: number): Trouble => ({ closed_at_ms: now - ago }) as Trouble;
  const open = { closed_at_ms: null } as Trouble;
  assert(lacksSome([open, over(1)], true, now));
  assert(!lacksSome([open, over(1)], false, now));
  assert(!lacksSome([open, over(1), over(RESTORED_SHOWN_MS + 1)], true, now));
});
