// What the tabs of one browser tell each other: they share one cookie, and so one session.

const CHANNEL = "kentongan-session";

export class Tabs {
  private readonly channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);

  /** `changed` is called when somebody came in in another tab: the browser's session is another one now. */
  constructor(changed: () => void) {
    if (this.channel !== null) this.channel.onmessage = changed;
  }

  /** Somebody came in here. */
  tell(): void {
    this.channel?.postMessage("entered");
  }
}
