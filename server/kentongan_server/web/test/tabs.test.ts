// Two tabs of a browser have one cookie: who comes in in one of them ends the session that the other knows.

import { centre, otherTabCameIn, settled, told, type Answer, type Asked } from "./page.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError } from "../src/api.ts";
import type { Session } from "../src/model/types.ts";
import { Console } from "../src/state/console.ts";

const session = (name: string, csrf: string): Session => ({ name, csrf, full_name: "", role: "operator", agency: null, must_change: false, expires_at_ms: 0 });

const REFUSED: Answer = { status: 403, body: { error: { code: "csrf", message: "not this session's" } } };

/** The centre has only this session. */
function has(present: Session, other: (asked: Asked) => Answer = () => ({ status: 404, body: {} })): void {
  centre.asked = [];
  centre.answer = (asked) => {
    if (asked.path === "/api/me") return { body: present };
    if (asked.method !== "GET" && asked.csrf !== present.csrf) return REFUSED;
    return asked.method === "GET" ? other(asked) : { body: {} };
  };
}

async function refusalOf(act: Promise<unknown>): Promise<ApiError> {
  const error = await act.then(
    () => null,
    (refused: unknown) => refused,
  );
  assert(error instanceof ApiError);
  return error;
}

test("an act goes through after the same person came in in another tab, and is made once", async () => {
  const api = new Api();
  api.adopt(session("ani", "old"));
  has(session("ani", "new"));
  await api.act(7, "note", { words: "x" });
  const acts = centre.asked.filter(({ method }) => method === "POST");
  assert.deepEqual(acts.map(({ csrf }) => csrf), ["old", "new"]);
  await api.act(7, "note", { words: "y" });
  assert.equal(centre.asked.at(-1)?.csrf, "new");
});

test("nothing is done in the name of somebody else who came in in another tab", async () => {
  const api = new Api();
  api.adopt(session("ani", "old"));
  has(session("budi", "new"));
  assert.equal((await refusalOf(api.act(7, "note", {}))).status, 401);
  assert.equal(centre.asked.filter(({ method }) => method === "POST").length, 1);
});

test("a token that is refused again is not asked for without end", async () => {
  const api = new Api();
  api.adopt(session("ani", "old"));
  centre.asked = [];
  centre.answer = ({ path }) => (path === "/api/me" ? { body: session("ani", "new") } : REFUSED);
  assert.equal((await refusalOf(api.act(7, "note", {}))).code, "csrf");
  assert.equal(centre.asked.length, 3);
});

test("a tab takes on its person's new session, leaves another's, and one without goes in", async () => {
  const console = new Console();
  const state = () => console.session.peek();
  console.adopt(session("ani", "one"));
  assert.equal(told.times, 1);
  has(session("ani", "two"));
  otherTabCameIn();
  await settled();
  assert.deepEqual(state(), session("ani", "two"));
  has(session("budi", "three"));
  otherTabCameIn();
  await settled();
  assert.equal(state(), "expired");
  otherTabCameIn();
  await settled();
  assert.deepEqual(state(), session("budi", "three"));
  assert.equal(told.times, 1); // who was told tells nobody
  console.lostSession(new ApiError(401, "login-required", "")); // its stream ends
});
