import assert from "node:assert/strict";
import { test } from "node:test";
import { en as accountEn } from "../src/i18n/account.en.ts";
import { id as accountId } from "../src/i18n/account.id.ts";
import { fromWords, toWords } from "../src/model/hours.ts";
import { keyFor } from "../src/model/steps.ts";

test("hours are read as people write them, in either language, and written again", () => {
  assert.equal(fromWords("  "), null);
  assert.deepEqual(fromWords("Sab 22:00-06:00"), [[6, 1320, 360]]);
  assert.deepEqual(fromWords("sat-mon 8:00-24:00"), [[6, 480, 1440], [7, 480, 1440], [1, 480, 1440]]);
  assert.equal(toWords([[7, 0, 61]], "id"), "Min 00:00-01:01");
  assert.equal(toWords([[7, 0, 61]], "en"), "Sun 00:00-01:01");
});

test("what is no hours is said to be none", () => {
  for (const wrong of ["besok", "Sen", "Sen 8-17", "Sen 25:00-26:00", "Sen 08:60-09:00", "Sen 08:00-08:00", "Sen 24:00-08:00", "|"]) {
    assert.equal(fromWords(wrong), "wrong", wrong);
  }
});

test("a new step gets a key that no other step has", () => {
  const step = (key: string) => ({ key, id: "x", en: "x", mandatory: false });
  assert.equal(keyFor("Send the nearest unit!", []), "send-the-nearest-unit");
  assert.equal(keyFor("Send!", [step("send")]), "send-2");
  assert.equal(keyFor("Send!", [step("send"), step("send-2")]), "send-3");
  assert.equal(keyFor("日本", []), "step");
  assert(/^[a-z0-9][a-z0-9-]{0,39}$/.test(keyFor("long ".repeat(50), [step("long")])));
});

test("every way to be refused at the account has words in both languages", () => {
  assert.deepEqual(Object.keys(accountId.faults).sort(), Object.keys(accountEn.faults).sort());
  assert.deepEqual(Object.keys(accountId.roles).sort(), Object.keys(accountEn.roles).sort());
  assert.deepEqual(Object.keys(accountId.ways.sentBack).sort(), Object.keys(accountEn.ways.sentBack).sort());
});
