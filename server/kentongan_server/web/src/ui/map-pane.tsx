// Where it is: the city's own map when there is one and the machine can draw it, else a drawn one.

import { computed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { unitOn, whereIs } from "../i18n/where.ts";
import type { CityMap } from "../map/city.ts";
import { same, type Mark } from "../model/marks.ts";
import { ringsNow } from "../model/order.ts";
import type { Spot } from "../model/projection.ts";
import type { Incident, SiteRow } from "../model/types.ts";
import { upgrade } from "../state/upgrade.ts";
import { theme } from "../theme.ts";
import { useConsole } from "./context.ts";
import { DrawnMap } from "./drawn-map.tsx";

/** All that is open, with the chosen incident above it; null without one. */
export function MapPane({ chosen }: { readonly chosen: number | null }) {
  const { places } = useConsole();
  const words = say().cases.map;
  const marks = useMarks(chosen);
  useEffect(() => void places.read(), [places, chosen]);
  useEffect(() => places.watch(), [places]);
  return (
    <MapView marks={marks}>
      {chosen !== null && !marks.some((mark) => mark.chosen) && <p class="map__note">{words.noPlace}</p>}
    </MapView>
  );
}

interface MapViewProps {
  readonly marks: readonly Mark[];
  /** Told of every place that somebody clicks. */
  readonly pick?: (spot: Spot) => void;
  readonly children?: ComponentChildren;
}

/** The city's map or the drawn one. */
export function MapView({ marks, pick, children }: MapViewProps) {
  const { places } = useConsole();
  const [failed, setFailed] = useState(false);
  const city = places.file.value !== null && !failed;
  const steady = useSteady(marks);
  return (
    <section class="map" aria-label={say().cases.map.label} data-map={city ? "city" : "drawn"}>
      {city ? <City marks={steady} pick={pick} fail={() => setFailed(true)} /> : <DrawnMap marks={steady} pick={pick} />}
      {children}
    </section>
  );
}

/** Sites, and above them what is open, the chosen one last; another array only when a mark is another. */
function useMarks(chosen: number | null): readonly Mark[] {
  const { incidents, places } = useConsole();
  const marks = useMemo(() => {
    const shown = computed(() => {
      const open = incidents.queue.value;
      const ids = chosen === null || open.includes(chosen) ? open : [...open, chosen];
      return ids.map((id) => incidents.find(id)?.value).filter((one) => one !== undefined);
    });
    let last: readonly Mark[] = [];
    const open = computed(() => {
      // Hundreds of changes a second, and few of them move a mark.
      const found = shown.value.flatMap((one) => markOf(one, chosen));
      if (!same(last, found)) last = found;
      return last;
    });
    return computed(() => {
      const above = [...open.value].sort((left, right) => Number(left.chosen) - Number(right.chosen));
      // A site at which something happens is shown by its incident alone: two names on one spot cannot be read.
      const busy = new Set(shown.peek().map((one) => one.site?.code));
      return [...places.sites.value.filter((site) => !busy.has(site.code)).flatMap(siteMark), ...above];
    });
  }, [incidents, places, chosen]);
  return marks.value;
}

function siteMark({ code, name, place }: SiteRow): Mark[] {
  return place === null ? [] : [{ key: `site ${code}`, name, look: "site", chosen: false, ...place }];
}

function markOf(incident: Incident, chosen: number | null): Mark[] {
  const { latitude = null, longitude = null } = incident.place ?? {};
  if (latitude === null || longitude === null) return [];
  const unit = unitOn(incident);
  const look = ringsNow(incident) ? "ringing" : "hand";
  return [{ key: `incident ${incident.id}`, name: whereIs(incident), look, chosen: incident.id === chosen, latitude, longitude, ...(unit && { unit }) }];
}

/** The array of the last draw where nothing in it is new: MapLibre puts every mark anew when it gets another one. */
function useSteady(marks: readonly Mark[]): readonly Mark[] {
  const last = useRef(marks);
  if (!same(last.current, marks)) last.current = marks;
  return last.current;
}

interface CityProps {
  readonly marks: readonly Mark[];
  readonly pick: ((spot: Spot) => void) | undefined;
  readonly fail: () => void;
}

/** MapLibre is large, so it is loaded only where there is a map to show. */
function City({ marks, pick, fail }: CityProps) {
  const { places } = useConsole();
  const words = say().cases.map;
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<CityMap | null>(null);
  const picks = useRef(pick);
  picks.current = pick;
  const [ready, setReady] = useState(false);
  const file = places.file.value;
  useEffect(() => {
    let current = true;
    const open = async (): Promise<void> => {
      try {
        const { openCity } = await upgrade.part(import("../map/city.ts"));
        if (!current || element.current === null || file === null) return;
        map.current = openCity(element.current, file, fail, (spot) => picks.current?.(spot));
        setReady(true);
      } catch {
        // No WebGL, or the chunk did not come: the drawn map shows the same places.
        if (current) fail();
      }
    };
    void open();
    return () => {
      current = false;
      map.current?.close();
      map.current = null;
    };
  }, [file]);
  useEffect(() => map.current?.show(marks), [ready, marks]);
  const look = theme.value;
  useEffect(() => {
    const colour = (): void => map.current?.colour();
    const system = matchMedia("(prefers-color-scheme: dark)");
    colour();
    system.addEventListener("change", colour);
    return () => system.removeEventListener("change", colour);
  }, [ready, look]);
  return (
    <>
      <div ref={element} class={`map__canvas ${pick ? "map__canvas--pick" : ""}`} />
      {!ready && <p class="map__note">{words.loading}</p>}
      <MapTools zoom={(factor) => map.current?.zoom(factor)} whole={() => map.current?.whole()} />
    </>
  );
}

export function MapTools({ zoom, whole }: { readonly zoom: (factor: number) => void; readonly whole: () => void }) {
  const words = say().cases.map;
  return (
    <div class="map__tools">
      <button type="button" class="button" aria-label={words.larger} title={words.larger} onClick={() => zoom(0.5)}>
        +
      </button>
      <button type="button" class="button" aria-label={words.smaller} title={words.smaller} onClick={() => zoom(2)}>
        −
      </button>
      <button type="button" class="button" aria-label={words.whole} title={words.whole} onClick={whole}>
        ⤢
      </button>
    </div>
  );
}

