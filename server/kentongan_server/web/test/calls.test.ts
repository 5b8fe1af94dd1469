import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, CALL_CATEGORIES, categoryOf, EMPTY, isEmpty, keyOf, madeBefore, missing, rounded, type CallDraft } from "../src/model/call.ts";
import { place, spotAt, viewOf } from "../src/model/projection.ts";
import type { Incident } from "../src/model/types.ts";
import { incident } from "./incidents.ts";

const FIRE: CallDraft = { ...EMPTY, category: "fire", number: " 0812 3456 7890 ", words: "Asap dari atap " };

function made(over: Partial<Incident>): Incident {
  const call = { id: 1, taken_at_ms: 1, taken_by: "operator-1", number: "+6281234567890", name: null, words: "Asap dari atap", pranks: 0 };
  return { ...incident(12, []), source: "call", category: "fire", site: null, calls: [call], ...over };
}

test("every category has a digit of its own, and a digit its category", () => {
  assert.equal(new Set(CALL_CATEGORIES.map(keyOf)).size, CALL_CATEGORIES.length);
  for (const category of CALL_CATEGORIES) assert.equal(categoryOf(keyOf(category)), category);
  assert.equal(keyOf("other"), "0");
  assert.equal(categoryOf("a"), null);
});

test("a call is sent without what is not known, and without blanks around", () => {
  assert.deepEqual(bodyOf(FIRE), { category: "fire", number: "0812 3456 7890", words: "Asap dari atap" });
  const spot = { latitude: -7.75, longitude: 113.21 };
  assert.deepEqual(bodyOf({ ...EMPTY, category: "other", site: "bank", address: "Jl.", spot }), { category: "other", site: "bank", address: "Jl.", ...spot });
});

test("a new incident wants a category, one more call about another wants words", () => {
  assert.equal(missing({ ...FIRE, category: null }), "category");
  assert.equal(missing({ ...EMPTY, category: "fire" }), null);
  assert.equal(missing({ ...EMPTY, into: 7, words: "  " }), "said");
  assert.equal(missing({ ...EMPTY, into: 7, name: "Bu Siti" }), null);
});

test("blanks are no call", () => {
  assert(isEmpty(EMPTY) && isEmpty({ ...EMPTY, words: " \n" }));
  assert(!isEmpty({ ...EMPTY, into: 7 }) && !isEmpty(FIRE));
});

test("an attempt without an answer is found again by what it was, and nothing else is", () => {
  const unsure = { sent: FIRE, newest: 11 };
  assert.equal(madeBefore(unsure, [made({})], "operator-1")?.id, 12);
  const [call] = made({}).calls;
  assert(call);
  const others: readonly Partial<Incident>[] = [
    { id: 11 },
    { source: "button" },
    { category: "theft" },
    { site: { code: "bank", name: "Bank" } },
    { calls: [] },
    { calls: [{ ...call, words: "Lain" }] },
    { calls: [{ ...call, name: "Budi" }] },
    { calls: [{ ...call, number: null }] },
  ];
  for (const other of others) assert.equal(madeBefore(unsure, [made(other)], "operator-1"), null, JSON.stringify(other));
  assert.equal(madeBefore(unsure, [made({})], "operator-2"), null);
});

test("a click on the drawn map is the place that is drawn there", () => {
  const spot = { latitude: -7.7512, longitude: 113.2134 };
  const view = viewOf([spot, { latitude: -7.78, longitude: 113.25 }], 400, 300);
  assert(view);
  const point = place(spot, view, 400, 300);
  assert.deepEqual(rounded(spotAt(point, view, 400, 300)), spot);
});
