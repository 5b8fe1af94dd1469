import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, type Api } from "../src/api.ts";
import { FeedList } from "../src/model/lists.ts";
import { isOverdue, mayBeFaulty, openTroubles, RESTORED_SHOWN_MS, restoredTroubles } from "../src/model/trouble-board.ts";
import type { Trouble } from "../src/model/types.ts";
import type { Notices } from "../src/state/notices.ts";
import { TroubleDesk } from "../src/state/trouble-desk.ts";
import { detailWords, placeWords } from "../src/ui/trouble-words.ts";
import { alarm, incident } from "./incidents.ts";

const NOW = 1_000_000_000;

function trouble(id: number, changes: Partial<Trouble> = {}): Trouble {
  return {
    id,
    kind: "silent",
    device: "0000b001",
    site: { code: "bank", name: "Bank" },
    post: null,
    opened_at_ms: NOW - id * 1_000,
    closed_at_ms: null,
    count: 1,
    detail: null,
    subject: null,
    owner: null,
    taken_at_ms: null,
    deadline_at_ms: NOW + 60_000,
    ...changes,
  };
}

const ids = (troubles: readonly Trouble[]): number[] => troubles.map(({ id }) => id);

test("on the board stands first what is overdue, then what nobody has, then the oldest", () => {
  const owned = { owner: "budi" };
  const late = { deadline_at_ms: NOW };
  const board = [trouble(1), trouble(9, owned), trouble(2, { ...late, ...owned }), trouble(5), trouble(3, late)];
  assert.deepEqual(ids(openTroubles(board, NOW)), [3, 2, 5, 1, 9]);
});

test("of two that are alike the one that is due first goes first, and one without a deadline last", () => {
  const due = (id: number, inMs: number | null) => trouble(id, { deadline_at_ms: inMs === null ? null : NOW + inMs });
  assert.deepEqual(ids(openTroubles([due(9, null), due(1, 3_000), due(5, 9_000), due(2, 3_000)], NOW)), [2, 1, 5, 9]);
});

test("a trouble is overdue from its deadline on, never without one and never when it has ended", () => {
  assert(isOverdue(trouble(1, { deadline_at_ms: NOW }), NOW));
  assert(!isOverdue(trouble(1, { deadline_at_ms: NOW + 1 }), NOW));
  assert(!isOverdue(trouble(1, { deadline_at_ms: null }), NOW));
  assert(!isOverdue(trouble(1, { deadline_at_ms: NOW, closed_at_ms: NOW - 1 }), NOW));
});

test("what was restored lately is folded below, the last one first; what is older is not shown", () => {
  const ended = (id: number, ago: number) => trouble(id, { closed_at_ms: NOW - ago });
  assert.deepEqual(ids(restoredTroubles([ended(1, 500), ended(2, 5), trouble(3), ended(4, RESTORED_SHOWN_MS + 1)], NOW)), [2, 1]);
});

test("a button with an open fault that makes presses is doubted, another one's alarm is not", () => {
  const pressed = incident(1, [alarm(1)]);
  const stuck = trouble(1, { kind: "chattering", device: "0000a1b2" });
  assert(mayBeFaulty(pressed, [stuck]));
  assert(!mayBeFaulty(pressed, [{ ...stuck, closed_at_ms: NOW }]));
  assert(!mayBeFaulty(pressed, [{ ...stuck, device: "0000ffff" }]));
  assert(!mayBeFaulty(pressed, [{ ...stuck, kind: "battery-low" }]));
});

test("the centre's own trouble says so and names its part; a detail without words is shown as it came", () => {
  assert.equal(placeWords(trouble(1, { site: null, subject: "Telkomsel" }), null), "Pusat · Telkomsel");
  assert.equal(placeWords(trouble(1, { post: { name: "Pos jaga", variant: "guard-post" } }), null), "Bank · Pos jaga");
  assert.equal(detailWords(null), null);
  assert.equal(detailWords({ code: "note", text: "antena" }), "antena");
  assert.equal(detailWords({ code: "brand-new", ms: 7 }), "brand-new, ms 7");
});

/** A desk of "ani" whose centre holds these troubles; another's owner makes it answer 409. */
function deskOf(held: Trouble[], known: readonly Trouble[] = held) {
  const troubles = new FeedList<Trouble>((left, right) => left.id - right.id);
  troubles.apply(1, known);
  const said: string[] = [];
  const asked: boolean[] = [];
  const api = {
    async take(id: number, over: boolean): Promise<Trouble> {
      asked.push(over);
      const index = held.findIndex((one) => one.id === id);
      const one = held[index];
      if (!one) throw new ApiError(404, "not-found", "no such trouble");
      if (one.owner && one.owner !== "ani" && !over) throw new ApiError(409, "conflict", "taken");
      return (held[index] = { ...one, owner: "ani" });
    },
    async troubles() {
      return { position: 2, troubles: held };
    },
  } as unknown as Api;
  const notices = { good: (text: string) => said.push(`good ${text}`), bad: (text: string) => said.push(`bad ${text}`) };
  const desk = new TroubleDesk({
    api,
    notices: notices as unknown as Notices,
    troubles,
    me: () => "ani",
    lostSession: () => false,
    why: (error) => String(error),
  });
  return { desk, said, asked };
}

test("what nobody has is taken at once", async () => {
  const { desk, said, asked } = deskOf([trouble(1)]);
  await desk.take(1);
  assert.deepEqual(asked, [false]);
  assert.equal(desk.find(1)?.owner, "ani");
  assert.equal(desk.asking.value, null);
  assert(said[0]?.startsWith("good"));
});

test("what another has is asked about first, and taken over only after a yes", async () => {
  const { desk, asked } = deskOf([trouble(1, { owner: "budi" })]);
  await desk.take(1);
  assert.deepEqual([asked, desk.asking.value], [[], 1]);
  await desk.takeOver(1);
  assert.deepEqual([asked, desk.asking.value, desk.find(1)?.owner], [[true], null, "ani"]);
});

test("when somebody was faster, the board shows who before it asks", async () => {
  const { desk, said, asked } = deskOf([trouble(1, { owner: "budi" })], [trouble(1)]);
  await desk.take(1);
  assert.deepEqual([asked, desk.asking.value, desk.find(1)?.owner], [[false], 1, "budi"]);
  assert.deepEqual(said, []);
});

test("a trouble that ended meanwhile is told, not asked about", async () => {
  const { desk, said } = deskOf([trouble(1, { owner: "budi", closed_at_ms: NOW })], [trouble(1)]);
  await desk.take(1);
  assert.equal(desk.asking.value, null);
  assert(said[0]?.startsWith("good"));
});

test("a refusal that is no conflict is told", async () => {
  const { desk, said } = deskOf([], [trouble(1)]);
  await desk.take(1);
  assert(said[0]?.startsWith("bad"));
  assert.equal(desk.busy.value.size, 0);
});
