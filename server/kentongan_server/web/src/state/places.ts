// Where the sites are, for the map; read once somebody looks at it, and again from time to time.

import { signal } from "@preact/signals";
import { ApiError, type Api } from "../api.ts";
import { Newest } from "../model/newest.ts";
import type { MapFile, SiteRow } from "../model/types.ts";

/** Sites change when a technician enrols one: minutes are soon enough. */
const READ_EVERY_MS = 300_000;

export class Places {
  readonly sites = signal<readonly SiteRow[]>([]);
  /** What the centre says of the city's map; null until it was asked, and without a file. */
  readonly file = signal<MapFile | null>(null);
  readonly asked = signal(false);
  private readAt = -Infinity;
  private readonly newest = new Newest();

  constructor(
    private readonly api: Pick<Api, "map" | "sites">,
    private readonly lostSession: (error: unknown) => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Reads now and again from time to time, until the returned function is called: a wall is looked at for months. */
  watch(): () => void {
    void this.read();
    const timer = setInterval(() => void this.read(), READ_EVERY_MS);
    return () => clearInterval(timer);
  }

  /** Reads what is not known yet, or was read long ago. A role that may not look sees the incidents alone. */
  async read(): Promise<void> {
    if (this.now() - this.readAt < READ_EVERY_MS) return;
    this.readAt = this.now();
    const counts = this.newest.ask();
    try {
      const map = await this.api.map();
      if (counts()) this.file.value = map.available ? map : null;
      const { sites } = await this.api.sites();
      if (counts()) this.sites.value = sites;
    } catch (error) {
      if (counts() && !this.lostSession(error) && !(error instanceof ApiError && error.status === 403)) this.readAt = -Infinity;
    } finally {
      if (counts()) this.asked.value = true;
    }
  }

  /** Another person may see other sites. */
  clear(): void {
    this.newest.end();
    this.readAt = -Infinity;
    this.sites.value = [];
    this.file.value = null;
    this.asked.value = false;
  }
}
