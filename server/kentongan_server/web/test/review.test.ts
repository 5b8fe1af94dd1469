import assert from "node:assert/strict";
import { test } from "node:test";
import { Incidents } from "../src/model/incidents.ts";
import { ATTACK, bellWaits, byReview, byUrgency, isForReview, OUTAGE, owedAlarms, ringsNow } from "../src/model/order.ts";
import { alarm, answered, incident } from "./incidents.ts";

const OLD = { flags: ["late", "recovered"] };
const recovered = (id: number, ...ids: number[]) => incident(id, ids.map((one) => alarm(one, OLD)), { recovered: true });

test("what a restored centre was handed again rings nowhere and stands in a lane of its own", () => {
  const incidents = new Incidents();
  incidents.snapshot(1, [recovered(1, 1), incident(2, [alarm(2)])]);
  assert.deepEqual(incidents.review.value, [1]);
  assert.deepEqual(incidents.queue.value, [2]);
  assert.deepEqual(incidents.ringing.value, [2]);
});

test("one fresh alarm in a recovered incident rings, whatever the centre says of the whole", () => {
  const mixed = incident(1, [alarm(1, OLD), alarm(2)], { recovered: true });
  assert(!isForReview(mixed));
  assert(ringsNow(mixed));
  const incidents = new Incidents();
  incidents.snapshot(1, [mixed]);
  assert.deepEqual([incidents.queue.value, incidents.review.value], [[1], []]);
});

test("an incident that the centre does not call recovered rings, although all its alarms are", () => {
  assert(ringsNow(incident(1, [alarm(1, OLD)])));
});

test("in the lane for review stands first what nobody has looked at, then the oldest", () => {
  const looked = incident(1, [alarm(1, { ...OLD, ...answered })], { recovered: true, ringing: false, state: "acknowledged" });
  const order = [looked, recovered(3, 30), recovered(2, 20)].sort(byReview).map(({ id }) => id);
  assert.deepEqual(order, [2, 3, 1]);
});

test("a look at a recovered incident answers its alarms, and a second look none", () => {
  assert.deepEqual(owedAlarms(recovered(1, 4, 5)).map(({ id }) => id), [4, 5]);
  assert.deepEqual(owedAlarms(incident(1, [alarm(4, { ...OLD, ...answered })], { recovered: true, ringing: false })), []);
});

test("while the bell of a chattering button waits its presses can be answered, and are told", () => {
  const waiting = incident(1, [alarm(1, answered), alarm(2)], { state: "acknowledged", ringing: false });
  assert(bellWaits(waiting));
  assert.deepEqual(owedAlarms(waiting).map(({ id }) => id), [2]);
  assert(!bellWaits({ ...waiting, state: "closed" }));
});

test("a suspected attack is as urgent as a hold-up, an outage comes after both", () => {
  const made = (id: number, kind: string, priority: number) => incident(id, [alarm(id, { kind, path: "none" })], { priority });
  const order = [made(1, OUTAGE, 2), made(3, ATTACK, 1), incident(2, [alarm(2)])].sort(byUrgency).map(({ id }) => id);
  assert.deepEqual(order, [2, 3, 1]);
});
