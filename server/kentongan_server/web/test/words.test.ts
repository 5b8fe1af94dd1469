import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, elapsed, length, moment } from "../src/format/time.ts";
import { en } from "../src/i18n/en.ts";
import { id } from "../src/i18n/id.ts";

type Tree = { readonly [key: string]: unknown };

/** Every path to a sentence: "queue.unanswered", …. */
function paths(tree: Tree, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" && value !== null ? paths(value as Tree, `${prefix}${key}.`) : [prefix + key],
  );
}

function at(tree: Tree, path: string): unknown {
  return path.split(".").reduce<unknown>((node, key) => (node as Tree)[key], tree);
}

const ID = id as unknown as Tree;
const EN = en as unknown as Tree;

/** The same in both languages, on purpose. */
const SHARED = ["app.name", "title.alarm", "ways.wifi", "ways.sms", "troubles.details.note", "troubles.details.modem", "centre.columns.modem", "time.zone"];

test("both languages have the same sentences", () => {
  assert.deepEqual(paths(ID).sort(), paths(EN).sort());
});

test("who is told of a suspected attack is told not to telephone the site, as its plan says", () => {
  assert(id.cutOff.attackAdvice.includes("Jangan menelepon lokasi"));
  assert(en.cutOff.attackAdvice.includes("Do not telephone the site"));
});

test("no sentence is empty and none was left untranslated", () => {
  const untranslated: string[] = [];
  for (const path of paths(ID)) {
    const [indonesian, english] = [at(ID, path), at(EN, path)].map((sentence) =>
      typeof sentence === "function" ? String(sentence(3, "x", 2, 1)) : String(sentence),
    );
    assert(indonesian?.trim() && english?.trim(), path);
    if (indonesian === english) untranslated.push(path);
  }
  assert.deepEqual(untranslated, SHARED);
});

test("times are those of the sites, with 24 hours", () => {
  const evening = Date.UTC(2026, 10, 22, 16, 3, 21);
  assert.equal(clock(evening), "23:03:21");
  assert.equal(clock(Date.UTC(2026, 10, 22, 17, 0, 0)), "00:00:00");
  assert.equal(moment(evening, Date.UTC(2026, 10, 22, 16, 59), "id-ID"), "23:03:21");
  assert.equal(moment(evening, Date.UTC(2026, 10, 22, 17, 1), "id-ID"), "22 Nov 2026 23:03:21");
});

test("running times grow from seconds to days", () => {
  const days = (count: number): string => `${count} hari`;
  const shown = [0, 7_900, 65_000, 3_600_000, 90_061_000].map((ms) => elapsed(ms, days));
  assert.deepEqual(shown, ["0:00", "0:07", "1:05", "1:00:00", "1 hari 1:01:01"]);
  assert.equal(elapsed(-5_000, days), "0:00");
  assert.equal(length(85, "id-ID", days), "85 ms");
  assert.equal(length(1_234, "id-ID", days), "1,2 s");
  assert.equal(length(1_234, "en-GB", days), "1.2 s");
});

test("a site whose SMS fails says what a technician has to look at", () => {
  for (const [words, parts] of [[id, ["modem", "jaringan", "kartu", "penuh"]], [en, ["modem", "network", "card", "full"]]] as const) {
    const sentence = words.troubles.kinds["sms-down"] ?? "";
    for (const part of parts) assert(sentence.includes(part), `${sentence}: ${part}`);
  }
});

test("an answer that did not cover everything never reads as one that did", () => {
  for (const { queue } of [id, en]) {
    const [done, ...others] = [queue.acknowledgedNow("Bank"), queue.acknowledgedPart("Bank"), queue.acknowledgedNone("Bank")];
    for (const other of others) {
      assert(other.includes("Bank") && !other.startsWith(done ?? ""), other);
      assert(/BELUM|NOT/.test(other), other);
    }
  }
});
