import assert from "node:assert/strict";
import { test } from "node:test";
import { mayMergeInto, possible } from "../src/model/acts.ts";
import { CAUSES, outcomesOf } from "../src/model/outcome.ts";
import type { Session } from "../src/model/types.ts";
import { alarm, answered, incident } from "./incidents.ts";

const who = (role: string, name = "ani"): Session => ({
  name,
  full_name: "",
  role,
  agency: null,
  csrf: "",
  must_change: false,
  expires_at_ms: 0,
});
const inHand = (changes: object) => incident(1, [alarm(1, answered)], { ringing: false, state: "acknowledged", owner: "ani", ...changes });

test("each state offers what the centre's table has, and nothing else", () => {
  const offered = (state: string) => possible(inHand({ state }), who("supervisor"));
  assert.deepEqual(offered("new"), ["merge", "note"]);
  assert.deepEqual(offered("acknowledged"), ["dispatch", "park", "merge", "note"]);
  assert.deepEqual(offered("dispatched"), ["dispatch", "arrive", "withdraw", "merge", "note"]);
  assert.deepEqual(offered("parked"), ["unpark", "merge", "note"]);
  assert.deepEqual(offered("closed"), ["reopen", "note"]);
});

test("only another's incident is taken, only a supervisor reopens, and a desk of an agency sends units", () => {
  assert(possible(inHand({ owner: "budi" }), who("operator")).includes("take"));
  assert(!possible(inHand({ state: "closed" }), who("operator")).includes("reopen"));
  assert(!possible(inHand({ state: "closed", merged_into: 7 }), who("supervisor")).includes("reopen"));
  assert(possible(inHand({ state: "closed", merged_into: 7, source: "call" }), who("supervisor")).includes("reopen"));
  assert(!possible(inHand({ state: "closed", merged_into: 7, source: "call" }), who("operator")).includes("reopen"));
  assert.deepEqual(possible(inHand({}), who("agency-desk")), ["dispatch", "note"]);
  assert.deepEqual(possible(inHand({}), who("auditor")), []);
});

test("one of several buttons can be split off, the only one cannot", () => {
  const two = incident(1, [alarm(1, answered), alarm(2, { ...answered, device: "0000ffff" })], { state: "acknowledged", ringing: false });
  assert(possible(two, who("operator")).includes("split"));
  assert(!possible(inHand({}), who("operator")).includes("split"));
});

test("signals are merged within a site, from or into a call without one, never into a drill", () => {
  const here = inHand({});
  assert(mayMergeInto(here, inHand({ id: 2 })));
  assert(mayMergeInto(here, inHand({ id: 2, site: null })));
  assert(!mayMergeInto(here, here));
  assert(!mayMergeInto(here, inHand({ id: 2, site: { code: "gold", name: "Gold" } })));
  assert(!mayMergeInto(here, inHand({ id: 2, drill: 3 })));
  assert(!mayMergeInto(here, inHand({ id: 2, state: "closed" })));
});

test("a drill ends as a drill, and nothing else does", () => {
  assert.deepEqual(outcomesOf(4), ["drill"]);
  assert(!outcomesOf(0).includes("drill"));
  assert(Object.values(CAUSES).every((causes) => causes.length > 0));
});
