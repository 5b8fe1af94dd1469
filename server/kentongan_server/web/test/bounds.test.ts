// A console is open for months: what it keeps has bounds, and what still matters is never what they cost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOSED_MOST, Incidents } from "../src/model/incidents.ts";
import { FeedList, OVER_MOST } from "../src/model/lists.ts";
import { SEEN_AFTER_MS, Sight, STANDS_MOST } from "../src/model/seen.ts";
import { alarm, incident } from "./incidents.ts";

interface Row {
  readonly id: number;
  readonly open: boolean;
}

const byId = (left: Row, right: Row): number => left.id - right.id;

test("of rows that are over the newest are kept, of those that last all", () => {
  const list = new FeedList<Row>(byId, (row) => row.open);
  list.apply(1, [{ id: 1, open: true }, { id: 2, open: false }]);
  for (let id = 3; id < OVER_MOST + 3; id += 1) list.apply(id, [{ id, open: false }]);
  const ids = list.items.value.map(({ id }) => id);
  assert.equal(ids.length, OVER_MOST + 1);
  assert.deepEqual(ids.slice(0, 2), [1, 3], "the open one stays, the oldest that is over has gone");
  list.apply(OVER_MOST + 9, [{ id: 1, open: false }]);
  assert.equal(list.items.value.length, OVER_MOST);
  assert.deepEqual(list.items.value[0], { id: 1, open: false }, "what has just ended is the newest");
});

test("rows of one list that was read at once are cut to the newest, too", () => {
  const list = new FeedList<Row>(byId);
  list.apply(5, Array.from({ length: OVER_MOST + 10 }, (_, id) => ({ id, open: false })));
  assert.equal(list.items.value.length, OVER_MOST);
  assert.equal(list.items.value[0]?.id, 10);
});

test("what was drawn is forgotten of incidents that the console does not hold any more", () => {
  const incidents = new Incidents();
  const sight = new Sight(true, 0, (id) => incidents.find(id) !== null);
  const open = incident(1, [alarm(1)], { version: 1 });
  incidents.snapshot(1, [open]);
  sight.drawn(open, 0);
  for (let id = 2; id < 4 * STANDS_MOST; id += 1) {
    const over = incident(id, [alarm(id)], { state: "closed", ringing: false, closed_at_ms: id });
    incidents.snapshot(id, [over]);
    sight.drawn(over, id);
  }
  assert.equal(incidents.closed.value.length, CLOSED_MOST);
  assert(sight.size <= 2 * (STANDS_MOST + 1), String(sight.size));
  assert.equal(sight.answerable(open, SEEN_AFTER_MS), "all", "the open one can still be answered");
});
