// Closed incidents of long ago are found page by page, kept while they are looked at, and forgotten after.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dayBegins } from "../src/format/time.ts";
import { CLOSED_MOST, FOUND_MOST, Incidents } from "../src/model/incidents.ts";
import type { Incident } from "../src/model/types.ts";
import { ANY, ClosedSearch, PAGE } from "../src/state/search.ts";
import { alarm, incident } from "./incidents.ts";

const over = (id: number): Incident => incident(id, [alarm(id)], { state: "closed", ringing: false, closed_at_ms: id });

/** A centre with closed incidents 1 to `most`, the newest first, which notes what it was asked. */
function centre(most: number) {
  const asked: Readonly<Record<string, string>>[] = [];
  return {
    asked,
    incidents: async (_state: "open" | "closed", which: Readonly<Record<string, string>> = {}) => {
      asked.push(which);
      const from = which["before"] === undefined ? most : Number(which["before"]) - 1;
      const ids = Array.from({ length: Math.max(0, Math.min(PAGE, from)) }, (_, index) => from - index);
      return { position: 9_000, incidents: ids.map(over) };
    },
  };
}

test("older ones follow page by page, until there are none", async () => {
  const incidents = new Incidents();
  const api = centre(2 * PAGE + 1);
  incidents.snapshot(1, (await api.incidents("closed")).incidents);
  const search = new ClosedSearch(api, incidents);
  await search.older();
  assert.equal(incidents.found.value?.length, 2 * PAGE);
  assert.equal(search.more.value, true);
  await search.older();
  assert.equal(incidents.found.value?.length, 2 * PAGE + 1);
  assert.equal(search.more.value, false);
  assert.deepEqual(api.asked.slice(1), [{ before: String(PAGE + 2) }, { before: "2" }]);
});

test("a search that found more than the console keeps says so, and offers no more", async () => {
  const incidents = new Incidents();
  const search = new ClosedSearch(centre(FOUND_MOST + 1), incidents);
  await search.ask(ANY);
  while (search.more.value) {
    assert.equal(search.full.value, false);
    await search.older();
  }
  assert.equal(incidents.found.value?.length, FOUND_MOST);
  assert.equal(search.full.value, true);
  search.end();
  assert.equal(search.full.value, false);
});

test("days are those of the city, and the last one is among them", async () => {
  const api = centre(3);
  await new ClosedSearch(api, new Incidents()).ask({ site: "bank", first: "2026-11-01", last: "2026-11-30" });
  assert.deepEqual(api.asked, [{ site: "bank", from_ms: String(dayBegins("2026-11-01")), to_ms: String(dayBegins("2026-12-01")) }]);
  assert.equal(dayBegins("2026-11-01"), Date.UTC(2026, 9, 31, 17));
});

test("what was found stays however old it is, and goes with the search", async () => {
  const incidents = new Incidents();
  const search = new ClosedSearch(centre(5), incidents);
  await search.ask({ ...ANY, site: "bank" });
  incidents.snapshot(9_001, Array.from({ length: CLOSED_MOST }, (_, index) => over(100 + index)));
  assert.deepEqual(incidents.found.value, [5, 4, 3, 2, 1]);
  assert.notEqual(incidents.find(1), null);
  assert.equal(incidents.closed.value.length, CLOSED_MOST);
  search.end();
  assert.equal(incidents.found.value, null);
  assert.equal(incidents.find(1), null);
  assert.equal(incidents.closed.value.length, CLOSED_MOST);
});

test("a search has a bound", async () => {
  const incidents = new Incidents();
  const search = new ClosedSearch(centre(FOUND_MOST + PAGE), incidents);
  await search.ask(ANY);
  for (let page = 1; search.more.value; page += 1) {
    assert(page < FOUND_MOST / PAGE);
    await search.older();
  }
  assert.equal(incidents.found.value?.length, FOUND_MOST);
});

test("who logs out leaves no search behind", async () => {
  const incidents = new Incidents();
  await new ClosedSearch(centre(5), incidents).ask(ANY);
  incidents.clear();
  assert.equal(incidents.found.value, null);
  assert.deepEqual(incidents.closed.value, []);
});

test("who comes after a search pages through everything, and a late answer shows nothing", async () => {
  const incidents = new Incidents();
  const api = centre(PAGE + 3);
  const search = new ClosedSearch(api, incidents);
  await search.ask({ ...ANY, site: "bank" });
  const late = search.older();
  search.end(); // what the console does when somebody leaves
  incidents.clear();
  await late;
  assert.equal(incidents.found.value, null);
  incidents.snapshot(1, (await api.incidents("closed")).incidents);
  await search.older();
  assert.equal(api.asked.at(-1)?.["site"], undefined);
});
