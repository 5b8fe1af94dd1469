// What a key does while a dialog is open: only the answer to what the dialog itself shows as ringing.

import "./page.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import type { Console } from "../src/state/console.ts";

class Element {
  constructor(private readonly field: boolean) {}
  matches = () => this.field;
  hasAttribute = () => false;
  closest = () => null;
}

let onKey = (_event: KeyboardEvent): void => {};
Object.assign(globalThis, {
  HTMLElement: Element,
  addEventListener: (_name: string, listener: typeof onKey) => (onKey = listener),
  removeEventListener: () => {},
});

const { listenToKeys, singleKeys } = await import("../src/ui/keys.ts");
Object.assign(document, { querySelector: () => ({}) }); // a dialog is open

function begin(ringing: readonly number[]) {
  const answered: number[] = [];
  const console = {
    incidents: { ringing: signal(ringing) },
    target: signal(7), // the row that is selected behind the dialog
    acknowledge: (id: number) => void answered.push(id),
  } as unknown as Console;
  listenToKeys(console, () => assert(false, "no dialog over a dialog"));
  const press = (key: string, at: { field?: boolean; repeat?: boolean } = {}): boolean => {
    const state = { prevented: false };
    onKey({ key, repeat: at.repeat ?? false, target: new Element(at.field ?? false), preventDefault: () => (state.prevented = true) } as unknown as KeyboardEvent);
    return state.prevented;
  };
  return { answered, press };
}

test("in a dialog A answers what the dialog shows, once for a key held down", () => {
  const { answered, press } = begin([4, 7]);
  assert(press("a"));
  assert(press("a", { repeat: true }));
  assert(press("A"));
  assert.deepEqual(answered, [4, 4]);
});

test("in a dialog nothing else is done, and a letter that is typed is a letter", () => {
  const { answered, press } = begin([4]);
  for (const key of ["Enter", "c", "?", "z", "1"]) assert(!press(key));
  assert(!press("a", { field: true }));
  singleKeys.value = false;
  assert(!press("a"));
  singleKeys.value = true;
  assert.deepEqual(answered, []);
});

test("with nothing ringing A is no key of a dialog", () => {
  const { answered, press } = begin([]);
  assert(!press("a"));
  assert.deepEqual(answered, []);
});
