import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOSED_MOST, Incidents, type Change } from "../src/model/incidents.ts";
import { FeedList } from "../src/model/lists.ts";
import { SEEN_AFTER_MS, Sight } from "../src/model/seen.ts";
import type { Incident } from "../src/model/types.ts";
import { Batcher } from "../src/state/batcher.ts";
import { alarm, answered, incident } from "./incidents.ts";

const event = (position: number, news: Incident) => ({ name: "incident", position, what: "alarm", incident: news }) as const;
const inHand = (id: number, ...ids: number[]): Incident =>
  incident(id, ids.map((one) => alarm(one, answered)), { state: "acknowledged", ringing: false });

test("an event that comes twice changes nothing", () => {
  const changes: Change[] = [];
  const incidents = new Incidents((news) => changes.push(...news));
  incidents.events([event(5, incident(1, [alarm(1)]))]);
  incidents.events([event(5, incident(1, [alarm(1)]))]);
  assert.equal(changes.length, 1);
});

test("a list that was read before an event came does not undo it", () => {
  const incidents = new Incidents();
  incidents.events([event(7, incident(1, [alarm(1), alarm(2)]))]);
  incidents.snapshot(6, [inHand(1, 1)]);
  assert.deepEqual(incidents.ringing.value, [1]);
  assert.equal(incidents.find(1)?.value.alarms.length, 2);
});

test("a list read later brings what the stream did not", () => {
  const incidents = new Incidents();
  incidents.events([event(7, incident(1, [alarm(1)]))]);
  incidents.snapshot(9, [inHand(1, 1)]);
  assert.deepEqual(incidents.ringing.value, []);
});

test("a closed incident leaves the queue for the other page", () => {
  const incidents = new Incidents();
  incidents.snapshot(1, [inHand(1, 1), inHand(2, 2)]);
  incidents.events([event(2, { ...inHand(1, 1), state: "closed", outcome: "real", closed_at_ms: 9 })]);
  assert.deepEqual(incidents.queue.value, [2]);
  assert.deepEqual(incidents.closed.value, [1]);
});

/** What may become of one incident, in every order. */
const FATES: readonly ((id: number, at: number) => Incident)[] = [
  (id, at) => incident(id, [alarm(id), alarm(10 * at)]),
  (id, at) => incident(id, [alarm(id, answered), alarm(10 * at)]),
  (id, at) => incident(id, [alarm(10 * at, { flags: ["late"] })]),
  (id, at) => ({ ...inHand(id, id), opened_at_ms: at }),
  (id) => ({ ...inHand(id, id), priority: 3 }),
  (id) => incident(id, [alarm(id)], { priority: 2 }),
  (id) => incident(id, [alarm(id, { flags: ["recovered"] })], { recovered: true }),
  (id) => incident(id, [alarm(id, { ...answered, flags: ["recovered"] })], { recovered: true, state: "acknowledged", ringing: false }),
  (id, at) => ({ ...inHand(id, id), state: "closed", outcome: "real", closed_at_ms: at }),
];

test("after every change the lists stand as if they were read anew", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  let state = seed;
  const below = (count: number): number => (state = (state * 48_271 + 11) % (2 ** 31 - 1)) % count;
  const kept = new Incidents();
  const now = new Map<number, Incident>();
  for (let at = 1; at <= 500; at += 1) {
    const id = 1 + below(6);
    const news = FATES[below(FATES.length)]?.(id, at) ?? inHand(id, id);
    now.set(id, news);
    kept.events([event(at, news)]);
    const anew = new Incidents();
    anew.snapshot(at, [...now.values()]);
    for (const list of ["queue", "review", "closed", "ringing"] as const) {
      assert.deepEqual(kept[list].value, anew[list].value, `${list} after change ${at} of seed ${seed}`);
    }
  }
});

test("of closed incidents the newest are kept, and all that is open", () => {
  const incidents = new Incidents();
  incidents.snapshot(1, [inHand(1, 1)]);
  const closed = (id: number): Incident => ({ ...inHand(id, id), state: "closed", outcome: "real", closed_at_ms: id });
  incidents.events(Array.from({ length: 2 * CLOSED_MOST }, (_, index) => event(index + 2, closed(index + 2))));
  assert.equal(incidents.closed.value.length, CLOSED_MOST);
  assert.equal(incidents.closed.value[0], 2 * CLOSED_MOST + 1);
  assert.equal(incidents.find(2), null);
  assert.deepEqual(incidents.queue.value, [1]);
});

test("an update of one incident hands out the same list of ids", () => {
  const incidents = new Incidents();
  incidents.snapshot(1, [incident(1, [alarm(1)]), incident(2, [alarm(2)])]);
  const before = incidents.queue.value;
  incidents.events([event(2, incident(2, [alarm(2), alarm(3)]))]);
  assert.equal(incidents.queue.value, before);
});

test("rows of a list follow the newest feed position", () => {
  const list = new FeedList<{ id: number; count: number }>((left, right) => left.id - right.id);
  list.apply(4, [{ id: 1, count: 4 }]);
  list.apply(3, [{ id: 1, count: 3 }]);
  list.apply(4, [{ id: 1, count: 99 }]);
  assert.deepEqual(list.items.value, [{ id: 1, count: 4 }]);
});

test("an alarm that came on screen just now was not seen", () => {
  const sight = new Sight(true, 0);
  const first = incident(1, [alarm(1)], { version: 1 });
  const panic = incident(1, [alarm(1), alarm(2)], { version: 2 });
  sight.drawn(first, 0);
  assert.equal(sight.answerable(first, SEEN_AFTER_MS - 1), "none");
  sight.drawn(panic, 1_000);
  assert.equal(sight.answerable(panic, 1_000 + SEEN_AFTER_MS - 1), "some");
  assert.equal(sight.versionSeen(1, 1_000 + SEEN_AFTER_MS - 1), 1);
  assert.equal(sight.answerable(panic, 1_000 + SEEN_AFTER_MS), "all");
  assert.equal(sight.versionSeen(1, 1_000 + SEEN_AFTER_MS), 2);
});

test("nothing was seen in a tab that nobody looked at", () => {
  const sight = new Sight(false, 0);
  const news = incident(1, [alarm(1)]);
  sight.drawn(news, 0);
  assert.equal(sight.answerable(news, 60_000), "none");
  sight.visibility(true, 60_000);
  assert.equal(sight.answerable(news, 60_000 + SEEN_AFTER_MS), "all");
});

test("an answered alarm that rings again must be seen again", () => {
  const sight = new Sight(true, 0);
  sight.drawn(incident(1, [alarm(1)]), 0);
  sight.drawn(inHand(1, 1), 2_000);
  const again = incident(1, [alarm(1, { repeats: 1 })], { version: 3, count: 2 });
  sight.drawn(again, 5_000);
  assert.equal(sight.answerable(again, 5_000 + SEEN_AFTER_MS - 1), "none");
});

test("a repeat is seen only once it stood on screen, and what came before it stays seen", () => {
  const sight = new Sight(true, 0);
  const before = incident(1, [alarm(1)], { version: 5, count: 1 });
  const repeated = incident(1, [alarm(1, { repeats: 1 })], { version: 9, count: 2 });
  sight.drawn(before, 0);
  assert.equal(sight.versionSeen(1, SEEN_AFTER_MS - 1), 0);
  assert.equal(sight.versionSeen(1, SEEN_AFTER_MS), 5);
  sight.drawn(repeated, 1_000);
  assert.equal(sight.versionSeen(1, 1_000 + SEEN_AFTER_MS - 1), 5);
  sight.drawn({ ...repeated, version: 12 }, 1_100); // something else happened: no new press to be seen
  assert.equal(sight.versionSeen(1, 1_000 + SEEN_AFTER_MS), 12);
});

test("a park that ends must be seen before a key answers it", () => {
  const sight = new Sight(true, 0);
  sight.drawn(inHand(1, 1), 0);
  const reminding = { ...inHand(1, 1), version: 4, ringing: true, reminding: true };
  sight.drawn(reminding, 9_000);
  assert.equal(sight.answerable(reminding, 9_000 + SEEN_AFTER_MS - 1), "none");
  assert.equal(sight.answerable(reminding, 9_000 + SEEN_AFTER_MS), "all");
});

test("duress that is told while a park's end rings must be seen before a key answers it", () => {
  const sight = new Sight(true, 0);
  const over = { ...inHand(1, 1), version: 4, ringing: true, reminding: true };
  const duress = { ...over, version: 5, category: "duress" };
  sight.drawn(over, 0);
  sight.drawn(duress, 9_000);
  assert.equal(sight.versionSeen(1, 9_000 + SEEN_AFTER_MS - 1), 4);
  assert.equal(sight.answerable(duress, 9_000 + SEEN_AFTER_MS), "all");
});

test("what was not drawn yet cannot be answered", () => {
  const sight = new Sight(true, 0);
  sight.drawn(incident(1, [alarm(1)]), 0);
  assert.equal(sight.answerable(incident(1, [alarm(2)], { version: 7 }), 10_000), "none");
});

test("single items are handed on at once, a flood in batches and whole", async () => {
  const handed: number[][] = [];
  await new Promise<void>((done) => {
    const batcher = new Batcher<number>(
      20,
      (items) => {
        handed.push([...items]);
        if (items.includes(4)) done();
      },
      () => 0,
    );
    batcher.push([1]);
    batcher.push([2, 3]);
    batcher.push([4]);
    assert.deepEqual(handed, [[1]]);
  });
  assert.deepEqual(handed, [[1], [2, 3, 4]]);
});
