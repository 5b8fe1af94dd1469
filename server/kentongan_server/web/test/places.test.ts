// The map's sites are read again from time to time, and are one person's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../src/api.ts";
import type { MapFile, SiteRow } from "../src/model/types.ts";
import { Places } from "../src/state/places.ts";

const FILE = { available: true } as MapFile;
const SITE = { code: "bank" } as SiteRow;

function begin(answer: () => Promise<{ sites: readonly SiteRow[] }>) {
  const state = { now: 0, asked: 0 };
  const api = {
    map: async () => FILE,
    sites: () => {
      state.asked += 1;
      return answer();
    },
  };
  return { state, places: new Places(api, () => false, () => state.now) };
}

const bank = async () => ({ sites: [SITE] });

test("sites are read again after five minutes and not before, and at once when the centre was away", async () => {
  let away = false;
  const { state, places } = begin(async () => {
    if (away) throw new ApiError(0, "unreachable", "");
    return bank();
  });
  await places.read();
  state.now = 299_999;
  await places.read();
  assert.equal(state.asked, 1);
  away = true;
  state.now = 300_000;
  await places.read();
  assert.equal(state.asked, 2);
  assert.deepEqual(places.sites.peek(), [SITE]); // what was known stays
  away = false;
  await places.read();
  assert.equal(state.asked, 3);
});

test("who leaves takes the sites along, also those that are on their way", async () => {
  let come = (): void => {};
  const { state, places } = begin(() => new Promise((done) => (come = () => done({ sites: [SITE] }))));
  const reading = places.read();
  while (state.asked === 0) await Promise.resolve();
  places.clear();
  come();
  await reading;
  assert.deepEqual(places.sites.peek(), []);
  assert.equal(places.asked.peek(), false);
  const next = places.read();
  while (state.asked === 1) await Promise.resolve();
  come();
  await next;
  assert.deepEqual(places.sites.peek(), [SITE]);
});
