// What a stream message means, and which events are new: no I/O.

import type { FeedEvent, Tick } from "../model/types.ts";
import type { SseMessage } from "./sse.ts";

/** `reload`: the stream shows a part, from now on; what was before is in the lists. */
export type StreamNews = { readonly tick: Tick } | { readonly event: FeedEvent } | { readonly reload: true };

const EVENT_NAMES: ReadonlySet<string> = new Set(["incident", "trouble", "rejection", "drill", "gone"]);

/** A message's content; null for an event that a later centre may send and this console does not know. */
export function readMessage(message: SseMessage): StreamNews | null {
  if (message.event === "tick") return { tick: JSON.parse(message.data) as Tick };
  if (message.event === "reload") return { reload: true };
  if (!EVENT_NAMES.has(message.event)) return null;
  const event = { ...(JSON.parse(message.data) as object), name: message.event } as FeedEvent;
  const position = Number(message.id);
  return { event: Number.isSafeInteger(position) && position > 0 ? { ...event, position } : event };
}

/** Where the stream stands: the last event taken. Everything up to it was handed on exactly once. */
export class Cursor {
  private partial = false;

  constructor(private at: number) {}

  get position(): number {
    return this.at;
  }

  /** True for an event that was not taken before. */
  take(event: FeedEvent): boolean {
    if (event.position <= this.at) return false;
    this.at = event.position;
    return true;
  }

  /** The stream shows a part, and begins with now: the centre does not tell how far the whole has come. */
  reload(): void {
    this.partial = true;
    this.at = 0;
  }

  /** True when the centre's feed ends before what was taken: it was restored from a backup. */
  wasRewound(tick: Tick): boolean {
    return !this.partial && tick.position < this.at;
  }
}
