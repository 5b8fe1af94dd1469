import assert from "node:assert/strict";
import { test } from "node:test";
import { cameTo } from "../src/model/answer.ts";
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
