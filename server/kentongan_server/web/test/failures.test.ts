// Why something failed is told in the page's language, whatever the centre's own sentence says.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.ts";
import { ApiError } from "../src/api.ts";
import { reason } from "../src/state/failures.ts";

const told = (status: number, code: string, message = "The centre's own English."): string => reason(new ApiError(status, code, message));

test("a code has its words, and the centre's own sentence is not shown", () => {
  assert.equal(told(503, "store"), "penyimpanan pusat sedang tidak bisa dipakai: coba lagi, dan beri tahu teknisi");
  assert.equal(told(403, "forbidden"), "tidak diizinkan untuk peran Anda");
  assert.notEqual(told(403, "must-change"), told(403, "forbidden"));
  assert(told(409, "stale").includes("kejadian"), "of an incident: its own words");
});

test("what is invalid is told with the field that is meant", () => {
  assert.equal(told(422, "invalid", "name: expected at most 64 characters."), "pusat tidak menerima isian ini (“name: expected at most 64 characters.”)");
});

test("a centre that does not answer, or of another kind, is told as well", () => {
  assert.equal(told(0, "unreachable", "TypeError: Failed to fetch"), "pusat tidak menjawab");
  assert.equal(told(502, "http-502", "Bad Gateway"), "pusat menjawab dengan kesalahan 502");
});
