// What each key does. Letters can be switched off (WCAG 2.1.4); Enter, arrows, Tab and Esc cannot.

import { signal, effect } from "@preact/signals";
import { ACT_NAMES } from "../i18n/cases.ts";
import { remember, remembered } from "../memory.ts";
import { RULES } from "../model/acts.ts";
import { reads } from "../model/pages.ts";
import type { Console } from "../state/console.ts";
import { go, page, PAGES } from "../state/route.ts";
import { takesCalls } from "./calls-tab.tsx";
import { CONTACTS, PHRASE, PLAN } from "./case-work.tsx";
import { opens } from "./hand-over-door.tsx";

export const singleKeys = signal(remembered("single-keys") !== "off");

effect(() => remember("single-keys", singleKeys.value ? "on" : "off"));

/** Marks a row's own button; its value is the incident. */
export const ROW = "data-row";

export function focusRow(id: number | null): void {
  if (id === null) return;
  const row = document.querySelector<HTMLElement>(`[${ROW}="${id}"]`);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

export function focusIncident(): void {
  document.getElementById("incident")?.focus();
}

/** Listens until the returned function is called. */
export function listenToKeys(console: Console, openHelp: () => void): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) {
      if (answersStrip(console, event)) event.preventDefault();
      return;
    }
    if (event.key === "F2" && openCalls(console)) event.preventDefault();
    if (isTyping(event.target)) return;
    if (handle(console, openHelp, event)) event.preventDefault();
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

/** A dialog has its own keys, but what rings is shown in it too and is answered there as anywhere. */
function answersStrip(console: Console, event: KeyboardEvent): boolean {
  const shown = console.incidents.ringing.peek()[0];
  if (shown === undefined || event.key.toLowerCase() !== "a" || !singleKeys.peek() || isTyping(event.target) || page.peek() === "wall") return false;
  if (!event.repeat) void console.acknowledge(shown);
  return true;
}

/** The 112 desk opens also while somebody types: the phone rings when it likes. Nothing is done from the wall. */
function openCalls(console: Console): boolean {
  if (!takesCalls(console.signedIn) || page.peek() === "wall") return false;
  if (page.peek() === "calls") document.querySelector<HTMLElement>("[data-category]")?.focus();
  else go("calls");
  return true;
}

/** A box to be ticked takes no letters. */
const TAKES_LETTERS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches(TAKES_LETTERS);
}

/** True when focus is where no control wants the key: on nothing, on a region, or on a row. */
function isFree(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return true;
  return target.hasAttribute(ROW) || !target.closest("button, a, summary, input");
}

function handle(console: Console, openHelp: () => void, event: KeyboardEvent): boolean {
  switch (event.key) {
    case "Enter":
      return isFree(event.target) && enter(console, event);
    case "ArrowDown":
    case "ArrowUp":
      return isFree(event.target) && isListPage() && move(console, event.key === "ArrowDown" ? 1 : -1);
    default:
      return singleKeys.peek() && letter(console, openHelp, event);
  }
}

function letter(console: Console, openHelp: () => void, event: KeyboardEvent): boolean {
  // Nothing is done from the wall but to turn its sound on: its keyboard may be anybody's.
  if (page.peek() === "wall" && !["?", "s"].includes(event.key.toLowerCase())) return toPage(console, event.key);
  switch (event.key.toLowerCase()) {
    case "a":
      return acknowledge(console, event);
    case "j":
      return isListPage() && move(console, 1);
    case "k":
      return isListPage() && move(console, -1);
    case "c":
      return close(console);
    case "s":
      void console.shift.start();
      return true;
    case "g":
      return focusFirst(`#${PLAN} input:not(:disabled)`, `#${PLAN} button`);
    case "h":
      return focusFirst(`#${CONTACTS} a`, `#${CONTACTS} input`);
    case "f":
      return focusFirst(`#${PHRASE}`);
    case "z":
      return toggleMute(console);
    case "v":
      return replay(console);
    case "?":
      openHelp();
      return true;
    default:
      return begin(console, event) || toPage(console, event.key);
  }
}

function isListPage(): boolean {
  return page.peek() === "queue" || page.peek() === "closed";
}

/** Enter: answer what rings (the row that shows the key); with nothing ringing, open the selected row. */
function enter(console: Console, event: KeyboardEvent): boolean {
  if (console.target.peek() !== null) return acknowledge(console, event);
  if (!isListPage() || console.selected.peek() === null) return false;
  focusIncident();
  return true;
}

/** A key held down repeats: only its first stroke is an answer. */
function acknowledge(console: Console, event: KeyboardEvent): boolean {
  const target = console.target.peek();
  if (target === null) return false;
  if (!event.repeat) void console.acknowledge(target);
  return true;
}

function move(console: Console, step: number): boolean {
  const list = console.listed.peek();
  const at = list.indexOf(console.selected.peek() ?? -1);
  const next = list[Math.min(list.length - 1, Math.max(0, at + step))];
  if (next === undefined) return false;
  console.select(next);
  focusRow(next);
  return true;
}

function close(console: Console): boolean {
  const selected = console.selected.peek();
  if (page.peek() !== "queue" || selected === null) return false;
  console.openClosing(selected);
  return true;
}

function replay(console: Console): boolean {
  const selected = console.selected.peek();
  if (!isListPage() || selected === null || !opens("replay", console.signedIn)) return false;
  go("replay", String(selected));
  return true;
}

function toggleMute(console: Console): boolean {
  if (console.incidents.ringing.peek().length === 0) return false;
  if (console.mute.on.peek()) console.mute.end();
  else console.mute.start();
  return true;
}

/** An act on the selected incident, on the pages that show one. */
function begin(console: Console, event: KeyboardEvent): boolean {
  const act = ACT_NAMES.find((name) => RULES[name].key === event.key.toLowerCase());
  const selected = console.selected.peek();
  if (act === undefined || event.repeat || selected === null || !isListPage()) return false;
  return console.cases.begin(act, selected);
}

/** The first of these places that is there gets the focus. */
function focusFirst(...places: readonly string[]): boolean {
  if (!isListPage()) return false;
  const found = places.map((place) => document.querySelector<HTMLElement>(place)).find((element) => element !== null);
  found?.focus();
  found?.scrollIntoView({ block: "nearest" });
  return found !== undefined;
}

function toPage(console: Console, key: string): boolean {
  const target = PAGES[Number(key) - 1];
  if (target === undefined || !reads(console.signedIn, target)) return false;
  go(target);
  return true;
}
