import assert from "node:assert/strict";
import { test } from "node:test";
import { cameTo, newerOf } from "../src/model/answer.ts";
import { alarm, answered, incident } from "./incidents.ts";

test("an answer that covers all that rang has answered it", () => {
  const after = incident(1, [alarm(1, answered), alarm(2, answered)], { state: "acknowledged", ringing: false });
  assert.equal(cameTo([1, 2], after), "all");
});

test("an alarm that was pressed again after the look is not answered", () => {
  assert.equal(cameTo([1], incident(1, [alarm(1, { repeats: 1 })])), "none");
});

test("an alarm that came after the look leaves the answer to the older one", () => {
  const after = incident(1, [alarm(1, answered), alarm(2)], { state: "acknowledged" });
  assert.equal(cameTo([1], after), "part");
});

test("of two alarms the one that was pressed again is not answered", () => {
  const after = incident(1, [alarm(1, answered), alarm(2, { repeats: 1 })], { state: "acknowledged" });
  assert.equal(cameTo([1, 2], after), "part");
});

test("a press whose bell waits is not answered either", () => {
  const after = incident(1, [alarm(1, answered), alarm(2)], { state: "acknowledged", ringing: false });
  assert.equal(cameTo([1], after), "part");
});

test("a reminder that began after the look is not answered, also of a call that nobody pressed for", () => {
  const reminding = { state: "acknowledged", reminding: true } as const;
  assert.equal(cameTo([], incident(1, [], { ...reminding, source: "call" })), "none");
  assert.equal(cameTo([1], incident(1, [alarm(1, answered)], reminding)), "none");
  assert.equal(cameTo([], incident(1, [], { source: "call", state: "acknowledged", ringing: false })), "all");
});

test("the newer of an incident read and an act's answer is shown, even when only the history grew", () => {
  const told = (id: number, position: number) => ({ id, position, version: 4 });
  const act = told(1, 20);
  assert.equal(newerOf(1, told(1, 21), act)?.position, 21);
  assert.equal(newerOf(1, told(1, 19), act), act);
  assert.equal(newerOf(1, null, act), act);
  assert.equal(newerOf(2, null, act), null);
  assert.equal(newerOf(2, told(2, 3), act)?.id, 2);
  assert.equal(newerOf(2, told(1, 9), null), null); // the pane went on to another incident
});
