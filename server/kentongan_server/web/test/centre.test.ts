import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, dbm, rupiah } from "../src/format/size.ts";
import { findings, modemName } from "../src/model/centre.ts";
import type { CentreState, Modem } from "../src/model/types.ts";

const NOW = Date.UTC(2026, 10, 22);

function modem(changes: Partial<Modem> = {}): Modem {
  return {
    name: "sim-a",
    operator: "Telkomsel",
    state: "ready",
    signal_dbm: -71,
    balance: 20_000,
    valid_until: "2027-03-01",
    sent_last_minute: 0,
    received_last_minute: 0,
    ...changes,
  };
}

function centre(changes: Partial<CentreState> = {}): CentreState {
  return { modems: [modem(), modem({ name: "sim-b", operator: "Indosat" })], disk_free_bytes: 4e10, store_ms: 2, ok: true, ...changes };
}

const codes = (state: CentreState): string[] => findings(state, NOW).map(({ code }) => code);

test("a centre that is well has nothing to tell", () => {
  assert.deepEqual(codes(centre()), []);
  assert.deepEqual(codes(centre({ modems: [], disk_free_bytes: null, store_ms: null })), []);
});

test("each fault is told, the worst first", () => {
  const sick = centre({
    ok: false,
    disk_free_bytes: 5e8,
    modems: [modem({ state: "no-sim", signal_dbm: null }), modem({ signal_dbm: -109 }), modem({ valid_until: "2026-11-25" })],
  });
  assert.deepEqual(codes(sick), ["not-committing", "modem", "disk", "weak", "expiring"]);
});

test("a state of a modem that this console does not know is no good one", () => {
  assert.deepEqual(codes(centre({ modems: [modem({ state: "state-77" })] })), ["modem"]);
});

test("a modem goes by its operator's name, two of one operator by both", () => {
  const [one, two] = [modem(), modem({ name: "sim-b" })];
  assert.equal(modemName(one, [one]), "Telkomsel");
  assert.equal(modemName(two, [one, two]), "Telkomsel (sim-b)");
  assert.equal(modemName(modem({ operator: "" }), []), "sim-a");
});

test("sizes, amounts and levels are written for people", () => {
  assert.equal(bytes(41_300_000_000, "id-ID"), "41 GB");
  assert.equal(bytes(1_250_000_000, "id-ID"), "1,3 GB");
  assert.equal(bytes(350_900_000, "en-GB"), "350 MB");
  assert.equal(rupiah(24_500, "id-ID"), "Rp 24.500");
  assert.equal(dbm(-71), "−71 dBm");
});
