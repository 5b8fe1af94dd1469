import assert from "node:assert/strict";
import { test } from "node:test";
import { byUrgency, owesAnswer, ringingAlarms, waitingSince } from "../src/model/order.ts";
import { alarm, answered, incident } from "./incidents.ts";

const order = (...list: Parameters<typeof byUrgency>[0][]): number[] => list.sort(byUrgency).map(({ id }) => id);

test("what rings stands above what is in hand", () => {
  const inHand = incident(1, [alarm(1, answered)], { state: "acknowledged", ringing: false });
  assert.deepEqual(order(inHand, incident(2, [alarm(2)])), [2, 1]);
});

test("of two hold-ups the one that waits longer comes first", () => {
  assert.deepEqual(order(incident(2, [alarm(9)]), incident(1, [alarm(4)])), [1, 2]);
});

test("a fresh press comes before one that arrived late", () => {
  const late = incident(1, [alarm(1, { flags: ["late"] })]);
  assert.deepEqual(order(late, incident(2, [alarm(2)])), [2, 1]);
});

test("a hold-up comes before a medical call that waits longer", () => {
  const medical = incident(1, [alarm(1, { kind: "medical" })], { priority: 2 });
  assert.deepEqual(order(medical, incident(2, [alarm(2)])), [2, 1]);
});

test("what is in hand stands by priority, then the oldest first", () => {
  const inHand = (id: number, priority: number) =>
    incident(id, [alarm(id, answered)], { state: "dispatched", ringing: false, priority });
  assert.deepEqual(order(inHand(1, 3), inHand(5, 1), inHand(2, 1)), [2, 5, 1]);
});

test("an incident without any alarm rings when its park has ended", () => {
  const call = incident(1, [], { source: "call", state: "acknowledged", reminding: true, opened_at_ms: 5 });
  assert(owesAnswer(call));
  assert(!owesAnswer({ ...call, ringing: false, reminding: false }));
  assert.deepEqual(order(incident(2, [alarm(2, answered)], { ringing: false }), call), [1, 2]);
});

test("a press after the acknowledgement counts its own waiting time", () => {
  const again = incident(1, [alarm(1, answered), alarm(50)], { state: "acknowledged" });
  assert.equal(waitingSince(again), 50_000);
});

test("an incident that says it rings is never without a ringing alarm", () => {
  const contradictory = incident(1, [alarm(1, answered), alarm(2, answered)]);
  assert.deepEqual(ringingAlarms(contradictory).map(({ id }) => id), [2]);
});
