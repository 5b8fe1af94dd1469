// Where the sites are, for the map; read once somebody looks at it, and again from time to time.

import { signal } from "@preact/signals";
import { ApiError, type Api } from "../api.ts";
import type { MapFile, SiteRow } from "../model/types.ts";

/** Sites change when a technician enrols one: minutes are soon enough. */
const READ_EVERY_MS = 300_000;

export class Places {
  readonly sites = signal<readonly SiteRow[]>([]);
  /** What the centre says of the city's map; null until it was asked, and without a file. */
  readonly file = signal<MapFile | null>(null);
  readonly asked = signal(false);
  private readAt = -Infinity;

  constructor(
    private readonly api: Api,
    private readonly lostSession: (error: unknown) => boolean,
  ) {}

  /** Reads what is not known yet, or was read long ago. A role that may not look sees the incidents alone. */
  async read(): Promise<void> {
    if (performance.now() - this.readAt < READ_EVERY_MS) return;
    this.readAt = performance.now();
    try {
      const map = await this.api.map();
      this.file.value = map.available ? map : null;
      this.sites.value = (await this.api.sites()).sites;
    } catch (error) {
      if (!this.lostSession(error) && !(error instanceof ApiError && error.status === 403)) this.readAt = -Infinity;
    } finally {
      this.asked.value = true;
    }
  }
}
