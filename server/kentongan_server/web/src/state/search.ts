// Closed incidents of any time: asked for by site and day, page by page.

import { signal } from "@preact/signals";
import type { Api } from "../api.ts";
import { dayBegins } from "../format/time.ts";
import { FOUND_MOST, type Incidents } from "../model/incidents.ts";
import { Newest } from "../model/newest.ts";
import { dayAfter } from "../model/reports.ts";
import type { Incident, Listing } from "../model/types.ts";

/** What is asked for; "" is any. Days are those of the city, `last` is among them. */
export interface Sought {
  readonly site: string;
  readonly first: string;
  readonly last: string;
}

export const ANY: Sought = { site: "", first: "", last: "" };

/** The centre's pages (adapters/read_incidents.py); a shorter one is the last. */
export const PAGE = 200;

export class ClosedSearch {
  private sought = ANY;
  private readonly newest = new Newest();
  /** Whether there may be older ones than those that are shown. */
  readonly more = signal(true);
  /** Whether so many are shown that no more are: `FOUND_MOST`. */
  readonly full = signal(false);

  constructor(
    private readonly api: Pick<Api, "incidents">,
    private readonly incidents: Incidents,
  ) {}

  /** Shows what there is of this. Raises `ApiError`. */
  async ask(sought: Sought): Promise<void> {
    const counts = this.newest.ask();
    const page = await this.api.incidents("closed", query(sought));
    if (!counts()) return;
    this.sought = sought;
    this.show(page, []);
  }

  /** Shows the page behind the last one that is shown. Raises `ApiError`. */
  async older(): Promise<void> {
    const shown = this.incidents.found.peek() ?? this.incidents.closed.peek();
    const last = shown.at(-1);
    const counts = this.newest.ask();
    const page = await this.api.incidents("closed", { ...query(this.sought), ...(last === undefined ? {} : { before: String(last) }) });
    if (counts()) this.show(page, shown);
  }

  /** Shows the newest again; an answer that is on its way changes nothing any more. */
  end(): void {
    this.newest.end();
    this.sought = ANY;
    this.more.value = true;
    this.full.value = false;
    this.incidents.endSearch();
  }

  private show({ position, incidents }: Listing<"incidents", Incident>, shown: readonly number[]): void {
    this.incidents.showFound(position, incidents, shown);
    const mayBeMore = incidents.length >= PAGE;
    this.full.value = mayBeMore && shown.length + incidents.length >= FOUND_MOST;
    this.more.value = mayBeMore && !this.full.peek();
  }
}

function query({ site, first, last }: Sought): Record<string, string> {
  return {
    ...(site && { site }),
    ...(first && { from_ms: String(dayBegins(first)) }),
    ...(last && { to_ms: String(dayBegins(dayAfter(last))) }),
  };
}
