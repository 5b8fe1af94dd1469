// What an operator ticks quickly is all sent, in order; what fails is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, type Api } from "../src/api.ts";
import { Incidents } from "../src/model/incidents.ts";
import type { Session } from "../src/model/types.ts";
import { CaseDesk } from "../src/state/case-desk.ts";
import type { Notices } from "../src/state/notices.ts";
import { alarm, answered, incident } from "./incidents.ts";

const ANI: Session = { name: "ani", csrf: "", full_name: "", role: "operator", agency: null, must_change: false, expires_at_ms: 0 };

/** A desk at a centre that answers when it is told to. */
function begin() {
  const incidents = new Incidents();
  incidents.snapshot(1, [incident(1, [alarm(1, answered)], { ringing: false, state: "acknowledged", owner: "ani" })]);
  const sent: unknown[] = [];
  const bad: string[] = [];
  const pending: { yes: () => void; no: (error: unknown) => void }[] = [];
  const at = { session: ANI as Session | null };
  const desk = new CaseDesk({
    api: {
      act: (_id: number, act: string, body: object) => {
        sent.push([act, body]);
        return new Promise((yes, no) => pending.push({ yes: () => yes(incident(1, [])), no }));
      },
    } as unknown as Api,
    notices: { good: () => {}, bad: (text: string) => bad.push(text) } as unknown as Notices,
    incidents,
    session: () => at.session,
    versionSeen: () => 3,
    lostSession: () => false,
    why: (error) => String(error),
    catchUp: async () => {},
  });
  return { desk, sent, bad, pending, at };
}

const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

test("two ticks, one right after the other, are both sent", async () => {
  const { desk, sent, pending } = begin();
  const both = [desk.step(1, "look", null), desk.step(1, "send", null), desk.called(1, 4, "reached")];
  await turn();
  assert.deepEqual(sent, [["step", { step: "look" }]]);
  pending[0]?.yes();
  await turn();
  pending[1]?.yes();
  await turn();
  pending[2]?.yes();
  await Promise.all(both);
  assert.deepEqual(sent, [["step", { step: "look" }], ["step", { step: "send" }], ["called", { contact: 4, result: "reached" }]]);
});

test("a tick that fails is told, and the next one goes all the same", async () => {
  const { desk, sent, bad, pending } = begin();
  const both = [desk.step(1, "look", null), desk.step(1, "send", null)];
  await turn();
  pending[0]?.no(new ApiError(0, "unreachable", "no way"));
  await turn();
  pending[1]?.yes();
  await Promise.all(both);
  assert.equal(bad.length, 1);
  assert.equal(sent.length, 2);
});

test("a second click before the first was answered is the same wish, a later one is another", async () => {
  const { desk, sent, pending } = begin();
  const both = [desk.called(1, 4, "not-reached"), desk.called(1, 4, "not-reached")];
  await turn();
  pending[0]?.yes();
  await Promise.all(both);
  assert.equal(sent.length, 1);
  const again = desk.called(1, 4, "not-reached");
  await turn();
  pending[1]?.yes();
  await again;
  assert.equal(sent.length, 2);
});

test("what somebody asked for is not done in the name of who comes after", async () => {
  const { desk, sent, pending, at } = begin();
  const both = [desk.step(1, "look", null), desk.step(1, "send", null)];
  await turn();
  at.session = { ...ANI, name: "budi" };
  pending[0]?.yes();
  await Promise.all(both);
  assert.equal(sent.length, 1);
});
