// The end of a session: said before, and never the end of a sound that nobody answered.

import { centre, settled } from "./page.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../src/api.ts";
import { ENDS_SOON_MS, minutesLeft } from "../src/model/session.ts";
import type { Incident, Session } from "../src/model/types.ts";
import { Console } from "../src/state/console.ts";
import { alarm, answered, incident } from "./incidents.ts";

const ANI: Session = { name: "ani", csrf: "one", full_name: "", role: "operator", agency: null, must_change: false, expires_at_ms: 0 };
const ENDED = new ApiError(401, "login-required", "the session has expired");

/** The centre's open incidents; it has no stream, which the desk tries again for ever. */
function holds(...incidents: readonly Incident[]): void {
  centre.answer = ({ path }) => {
    if (path.startsWith("/api/incidents?state=open")) return { body: { position: 5, incidents } };
    if (path === "/api/troubles") return { body: { position: 5, troubles: [] } };
    if (path === "/api/rejections") return { body: { position: 5, rejections: [] } };
    return { status: 503, body: {} };
  };
}

/** A desk that read its lists; `rings` is what the bell was told last. */
async function onDuty(...incidents: readonly Incident[]) {
  holds(...incidents);
  const console = new Console();
  const bell = { rings: false };
  console.bell.ring = (wanted) => (bell.rings = wanted);
  console.adopt(ANI);
  await settled();
  assert.equal(console.loaded.peek(), true);
  return { console, bell };
}

const ringing = incident(1, [alarm(1)]);
const quiet = incident(1, [alarm(1, answered)], { ringing: false, state: "acknowledged" });

test("what rang when the session ended goes on ringing until somebody has the queue again", async () => {
  const { console, bell } = await onDuty(ringing);
  assert.equal(bell.rings, true);
  console.lostSession(ENDED);
  console.lostSession(ENDED); // several requests meet the end of a session
  assert.equal(console.session.peek(), "expired");
  assert.equal(bell.rings, true);
  holds(quiet);
  console.adopt(ANI);
  assert.equal(bell.rings, true);
  await settled();
  assert.equal(bell.rings, false);
  console.lostSession(ENDED);
  assert.equal(bell.rings, false);
});

test("who logs out, and a session that ends in the calm, leave silence", async () => {
  const { console, bell } = await onDuty(ringing);
  const before = centre.answer;
  centre.answer = (asked) => (asked.path === "/api/logout" ? { body: {} } : before(asked));
  await console.logout();
  assert.equal(console.session.peek(), "out");
  assert.equal(bell.rings, false);
});

test("the end is said a quarter of an hour before, in minutes that count down to one", () => {
  const ends = 10_000_000_000;
  assert.equal(minutesLeft(ends, ends - ENDS_SOON_MS - 1), null);
  assert.equal(minutesLeft(ends, ends - ENDS_SOON_MS), 15);
  assert.equal(minutesLeft(ends, ends - 61_000), 2);
  assert.equal(minutesLeft(ends, ends + 5_000), 1);
});

test("who signs in after a search starts with everything", async () => {
  const { console } = await onDuty();
  const before = centre.answer;
  centre.answer = (asked) => (asked.path.startsWith("/api/incidents?state=closed") ? { body: { position: 6, incidents: [] } } : before(asked));
  await console.search.ask({ site: "bank", first: "", last: "" });
  console.lostSession(ENDED);
  console.adopt(ANI);
  await console.search.older();
  const asked = centre.asked.filter(({ path }) => path.startsWith("/api/incidents?state=closed")).map(({ path }) => path.includes("site="));
  assert.deepEqual(asked.slice(-2), [true, false]);
  console.lostSession(ENDED);
});
