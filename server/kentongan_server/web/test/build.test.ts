import assert from "node:assert/strict";
import { test } from "node:test";
import { isOther, scriptOf } from "../src/model/build.ts";

const page = (script: string): string => `<head><script src="/assets/early-A.js"></script><script type="module" src="${script}"></script></head>`;

test("a page says by its script which build it is", () => {
  assert.equal(scriptOf(page("/assets/main-A.js")), "/assets/main-A.js");
  assert.equal(scriptOf("<h1>The console is not built</h1>"), null);
});

test("another build is told from the same one, and from what is no build at all", () => {
  assert.equal(isOther("/assets/main-A.js", page("/assets/main-B.js")), true);
  assert.equal(isOther("/assets/main-A.js", page("/assets/main-A.js")), false);
  assert.equal(isOther("/assets/main-A.js", "<h1>The console is not built</h1>"), false);
  assert.equal(isOther(null, page("/assets/main-B.js")), false);
});
