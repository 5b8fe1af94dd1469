import assert from "node:assert/strict";
import { test } from "node:test";
import { chimeSamples, SIREN_S, sirenSamples } from "../src/sound/siren.ts";

const RATE = 8_000;
const rms = (samples: Float32Array): number => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

test("the siren is loud for most of its round, never clipped, and its ends meet in silence", () => {
  const samples = sirenSamples(RATE);
  assert.equal(samples.length, Math.round(SIREN_S * RATE));
  const peak = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  assert(peak > 0.7 && peak <= 1, `peak ${peak}`);
  assert(rms(samples) > 0.3);
  assert.equal(samples[0], 0);
  assert.equal(samples.at(-1), 0);
});

test("the pause is shorter than what counts as no sound", () => {
  const samples = sirenSamples(RATE);
  let longest = 0;
  let silent = 0;
  for (const sample of samples) {
    silent = Math.abs(sample) < 0.001 ? silent + 1 : 0;
    longest = Math.max(longest, silent);
  }
  assert(longest / RATE < 1, `${longest / RATE} s`);
});

test("the chime is softer than the siren", () => {
  assert(chimeSamples(RATE).length < sirenSamples(RATE).length);
});
