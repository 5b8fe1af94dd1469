// What pages and the worker that owns the stream say to each other.

import type { FeedEvent, Tick } from "../model/types.ts";
import type { LinkFault } from "./stream.ts";

export type FromPage =
  /** Hand me everything from now on; answered by `ready`. */
  | { readonly say: "hello" }
  /** I hold the list that was true at `position`; starts the stream there unless it runs already. */
  | { readonly say: "from"; readonly position: number }
  | { readonly say: "bye" };

export type FromStream =
  | { readonly say: "ready" }
  /** Read the lists anew: only what comes from now on is told. */
  | { readonly say: "reload" }
  | { readonly say: "events"; readonly events: readonly FeedEvent[] }
  | { readonly say: "tick"; readonly tick: Tick }
  | { readonly say: "fault"; readonly fault: LinkFault; readonly status: number | null }
  | { readonly say: "unauthorised" }
  | { readonly say: "rewound" };
