import assert from "node:assert/strict";
import { test } from "node:test";
import { graticule, place, viewOf, zoomed } from "../src/model/projection.ts";

const HERE = { latitude: -7.25, longitude: 112.75 };
const THERE = { latitude: -7.3, longitude: 112.8 };

test("every place lies inside the picture, north above south, west left of east", () => {
  const view = viewOf([HERE, THERE], 400, 300);
  assert(view);
  const [a, b] = [place(HERE, view, 400, 300), place(THERE, view, 400, 300)];
  for (const { x, y } of [a, b]) assert(x > 0 && x < 400 && y > 0 && y < 300, `${x} ${y}`);
  assert(a.y < b.y && a.x < b.x);
});

test("a single place stands in the middle with its neighbourhood, none makes no picture", () => {
  const view = viewOf([HERE], 400, 300);
  assert(view);
  assert.deepEqual(Object.values(place(HERE, view, 400, 300)).map(Math.round), [200, 150]);
  assert(view.north - view.south >= 0.02);
  assert.equal(viewOf([], 400, 300), null);
});

test("a closer look keeps its middle, or takes the place that is asked for", () => {
  const view = viewOf([HERE, THERE], 400, 300);
  assert(view);
  const closer = zoomed(view, 0.5, THERE);
  assert.deepEqual(Object.values(place(THERE, closer, 400, 300)).map(Math.round), [200, 150]);
  assert(Math.abs(closer.north - closer.south - (view.north - view.south) / 2) < 1e-9);
});

test("lines of the graticule are round and few", () => {
  assert.deepEqual(graticule(112.71, 112.79), [112.72, 112.74, 112.76, 112.78]);
  for (const size of [0.003, 0.4, 7, 90]) assert(graticule(0.0001, size).length <= 7);
});
