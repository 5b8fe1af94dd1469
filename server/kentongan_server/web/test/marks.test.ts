// What stands on a map: the same marks are no news, and an incident tells who was sent there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { reminderOf, unitOn } from "../src/i18n/where.ts";
import { same, type Mark } from "../src/model/marks.ts";
import { alarm, answered, incident } from "./incidents.ts";

const MARK: Mark = { key: "incident 1", name: "Bank", look: "hand", chosen: false, latitude: -7.2, longitude: 112.7 };

test("marks are the same as long as nothing of them that is shown has changed", () => {
  assert(same([MARK, MARK], [{ ...MARK }, { ...MARK }]));
  const changes: Partial<Mark>[] = [{ key: "incident 2" }, { name: "Toko" }, { look: "ringing" }, { chosen: true }, { unit: "P 3" }, { latitude: -7.3 }, { longitude: 112.8 }];
  for (const change of changes) assert(!same([MARK], [{ ...MARK, ...change }]), JSON.stringify(change));
  assert(!same([MARK], [MARK, MARK]));
  assert(!same([MARK], []));
});

test("the unit stands at its incident from when it was sent until that is closed or it was withdrawn", () => {
  const sent = incident(1, [alarm(1, answered)], { state: "dispatched", dispatched_to: "Patroli 3" });
  assert.equal(unitOn(sent), "Patroli 3 → menuju lokasi");
  assert.equal(unitOn({ ...sent, state: "on-scene" }), "Patroli 3 · sudah di lokasi");
  assert.equal(unitOn({ ...sent, state: "acknowledged", dispatched_to: null }), null);
  for (const state of ["closed", "reopened", "parked"] as const) assert.equal(unitOn({ ...sent, state }), null);
});

test("what rings because of duress is not said to be a park that is over", () => {
  const over = incident(1, [alarm(1, answered)], { state: "acknowledged", reminding: true });
  assert.equal(reminderOf(over), "Waktu tunda habis");
  assert.equal(reminderOf({ ...over, category: "duress" }), "DI BAWAH ANCAMAN");
  assert.equal(reminderOf({ ...over, reminding: false }), null);
});

test("a long name of a unit is cut between two letters", () => {
  const long = incident(1, [], { state: "dispatched", dispatched_to: "🚓".repeat(200) });
  assert.equal(unitOn(long), `${"🚓".repeat(27)}… → menuju lokasi`);
});
