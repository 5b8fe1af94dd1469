// The operator's shift: who started it in this tab hears the alarms.

import { effect, signal, type ReadonlySignal } from "@preact/signals";
import { say } from "../i18n/index.ts";
import type { Bell } from "../sound/bell.ts";
import type { Notices } from "./notices.ts";

/** Kept for the tab only: after a reload in the middle of a shift any key or click turns the sound on again. */
const STARTED = "kentongan.shift";

export class Shift {
  private readonly startedSignal = signal(sessionStorage.getItem(STARTED) === "yes");

  constructor(
    private readonly bell: Bell,
    private readonly notices: Notices,
  ) {
    // A body attribute, so that anybody can check what is really heard.
    effect(() => {
      document.body.dataset["sounding"] = this.bell.state.value === "sounding" ? "yes" : "no";
    });
    // A browser that was told to let the centre make sounds does so at once; any other waits for a person.
    if (this.startedSignal.peek()) void this.bell.arm();
    for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => this.pickUp(), { capture: true });
  }

  /** True when this tab's shift was started, even if a reload has silenced it since. */
  get started(): ReadonlySignal<boolean> {
    return this.startedSignal;
  }

  /** "Start shift": call it from a key or a click. */
  async start(): Promise<void> {
    if (!(await this.bell.arm())) {
      this.notices.bad(say().sound.refused);
      return;
    }
    sessionStorage.setItem(STARTED, "yes");
    this.startedSignal.value = true;
  }

  async end(): Promise<void> {
    sessionStorage.removeItem(STARTED);
    this.startedSignal.value = false;
    await this.bell.disarm();
  }

  private pickUp(): void {
    if (this.startedSignal.peek() && (!this.bell.armed || this.bell.state.peek() === "mute")) void this.bell.arm();
  }
}
