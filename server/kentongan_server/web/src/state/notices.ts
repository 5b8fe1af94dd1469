// Short sentences to the operator: shown for a while, and spoken by a screen reader.

import { signal } from "@preact/signals";

export type Tone = "good" | "bad";

export interface Notice {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

/** Long enough to read twice; a bad one stays longer. */
const GOOD_FOR_MS = 5_000;
const BAD_FOR_MS = 15_000;

/** More would cover the queue. */
const MOST = 3;

/** New alarms are spoken at most this often, all that came meanwhile in one sentence. */
const SPEAK_EVERY_MS = 3_000;

export class Notices {
  readonly shown = signal<readonly Notice[]>([]);
  /** What a screen reader says at once, whatever it is reading. */
  readonly urgent = signal("");
  private nextId = 1;
  private spokenAt = -Infinity;
  private pending: (() => string) | null = null;

  good(text: string): void {
    this.show("good", text, GOOD_FOR_MS);
  }

  bad(text: string): void {
    this.show("bad", text, BAD_FOR_MS);
  }

  drop(id: number): void {
    this.shown.value = this.shown.value.filter((notice) => notice.id !== id);
  }

  /** Speaks a new alarm; `text` is asked when it is spoken, so that its count is the newest. */
  speak(text: () => string): void {
    if (this.pending !== null) {
      this.pending = text;
      return;
    }
    const wait = Math.max(0, this.spokenAt + SPEAK_EVERY_MS - performance.now());
    this.pending = text;
    setTimeout(() => this.speakPending(), wait);
  }

  private speakPending(): void {
    this.spokenAt = performance.now();
    const text = this.pending?.() ?? "";
    this.pending = null;
    // A sentence that is the same as before is not spoken unless the text changes in between.
    this.urgent.value = this.urgent.peek() === text ? `${text}\u00a0` : text;
  }

  private show(tone: Tone, text: string, forMs: number): void {
    const id = this.nextId++;
    const others = this.shown.value.filter((notice) => notice.text !== text);
    this.shown.value = [...others, { id, tone, text }].slice(-MOST);
    setTimeout(() => this.drop(id), forMs);
  }
}
