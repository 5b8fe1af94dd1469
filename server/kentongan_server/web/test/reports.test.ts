import assert from "node:assert/strict";
import { test } from "node:test";
import { Newest } from "../src/model/newest.ts";
import { along, dayAfter, lastMonth } from "../src/model/reports.ts";

test("the centre is asked for the day after the last one", () => {
  assert.equal(dayAfter("2026-11-30"), "2026-12-01");
  assert.equal(dayAfter("2028-02-28"), "2028-02-29");
  assert.equal(dayAfter("2026-12-31"), "2027-01-01");
  assert.equal(dayAfter(""), "");
});

test("a report begins with the month that is over", () => {
  assert.deepEqual(lastMonth("2026-11-22"), { first: "2026-10-01", last: "2026-10-31" });
  assert.deepEqual(lastMonth("2026-01-01"), { first: "2025-12-01", last: "2025-12-31" });
  assert.deepEqual(lastMonth("2028-03-31"), { first: "2028-02-01", last: "2028-02-29" });
});

test("ten times as long is equally far along, and nothing leaves the plot", () => {
  assert.equal(along(100, 10_000), 0);
  assert.equal(along(1_000, 10_000).toFixed(9), "0.500000000");
  assert.equal(along(10_000, 10_000), 1);
  assert.equal(along(0, 10_000), 0);
  assert.equal(along(99_999, 10_000), 1);
  assert.equal(along(50, 100), 0);
});

test("an older question's answer does not count once a newer one was asked", () => {
  const newest = new Newest();
  const first = newest.ask();
  assert(first());
  const second = newest.ask();
  assert(!first());
  assert(second());
  newest.end();
  assert(!second());
});
