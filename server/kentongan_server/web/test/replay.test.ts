// What a step of the plan is called, in the history and in the replay.

import "./page.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CasePlan } from "../src/model/types.ts";
import { factWords } from "../src/ui/timeline.tsx";

const plan = { steps: [{ key: "send-patrol", id: "Kirim patroli", en: "Send a patrol" }] } as unknown as CasePlan;
const ticked = { what: "step", facts: { step: "send-patrol" } };

test("a step of the plan has its words, and its key only where nobody has them", () => {
  assert.equal(factWords(ticked, plan), "Kirim patroli");
  assert.equal(factWords(ticked, null), "send-patrol");
});
