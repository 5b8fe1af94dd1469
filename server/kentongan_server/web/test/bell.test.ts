// The bell in a browser that refuses, takes the sound away, and gives it back.

import "./page.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Bell } from "../src/sound/bell.ts";

const rate = 8_000;

/** As far as the bell uses it; `allowed` is what the browser says to a page that wants to sound. */
class Context {
  static allowed = true;
  static made: Context[] = [];
  state: "suspended" | "running" | "closed" = "suspended";
  onstatechange: (() => void) | null = null;
  readonly sampleRate = rate;
  readonly destination = {};
  playing = 0;

  constructor() {
    Context.made.push(this);
  }

  resume(): Promise<void> {
    if (!Context.allowed || this.state === "closed") return new Promise(() => {});
    this.state = "running";
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.state === "closed") throw new Error("closed already");
    this.state = "closed";
  }

  interrupt(): void {
    this.state = "suspended";
    this.onstatechange?.();
  }

  createBuffer = () => ({ copyToChannel: () => {} });
  createGain = () => ({ gain: { value: 0 }, connect: () => {} });
  createAnalyser = () => ({ fftSize: 4, connect: () => {}, getFloatTimeDomainData: (samples: Float32Array) => samples.fill(this.playing > 0 ? 0.5 : 0) });
  createBufferSource = () => ({
    connect: (next: unknown) => next,
    disconnect: () => {},
    start: () => (this.playing += 1),
    stop: () => (this.playing -= 1),
  });
}

Object.assign(globalThis, { AudioContext: Context });

function begin(): Bell {
  Context.allowed = true;
  Context.made = [];
  return new Bell();
}

test("a sound that the browser took away comes back with the next key", async () => {
  const bell = begin();
  bell.ring(true);
  assert(await bell.arm());
  Context.allowed = false;
  Context.made[0]?.interrupt();
  assert.equal(await bell.arm(), false);
  assert.equal(bell.armed, false);
  assert.equal(bell.state.peek(), "off"); // so that the band asks for a key, and any key arms it
  Context.allowed = true;
  assert(await bell.arm());
  assert.equal(Context.made.length, 2);
  assert.equal(Context.made[1]?.state, "running");
  assert.equal(Context.made[1]?.playing, 1);
  await bell.disarm();
});

test("two keys while the browser refuses give it up once", async () => {
  const bell = begin();
  assert(await bell.arm());
  Context.allowed = false;
  Context.made[0]?.interrupt();
  assert.deepEqual(await Promise.all([bell.arm(), bell.arm()]), [false, false]);
  assert.equal(bell.armed, false);
});

test("two keys at once make one bell", async () => {
  const bell = begin();
  assert.deepEqual(await Promise.all([bell.arm(), bell.arm()]), [true, true]);
  assert.deepEqual(Context.made.map(({ state }) => state).sort(), ["closed", "running"]);
  await bell.disarm();
  assert.equal(bell.state.peek(), "off");
  assert(Context.made.every(({ state }) => state === "closed"));
});
