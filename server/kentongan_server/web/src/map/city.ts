// The city's own map, in a chunk of its own: MapLibre with a PMTiles file from our origin. Its style asks for
// nothing else: no sprite, no glyphs; names are elements of the page.

import { addProtocol, LngLatBounds, Map as MapLibre, Marker, setWorkerUrl } from "maplibre-gl";
import { Protocol } from "pmtiles";
import { say } from "../i18n/index.ts";
import type { Mark } from "../model/marks.ts";
import type { Spot } from "../model/projection.ts";
import type { MapFile } from "../model/types.ts";
import { PLACE_LAYERS, styleOf } from "./style.ts";

declare const MAP_WORKER_ADDRESS: string;

/** More names of places than this cover the streets. */
const NAMES_MOST = 25;
const CLOSE_ZOOM = 15;
/** Pixels of the desk's letters, of which all that follow are; on a wall letters, marks and names are twice as large. */
const LETTER = 14;
/** Pixels around what is fitted in: names stand on the right of their spots, the tools in the corner above them. */
const ROOM = { top: 40, right: 150, bottom: 40, left: 30 };
/** Pixels on the right of the longest name, so that it does not stand below the tools. */
const TOOLS = 55;
/** Of a small map what is fitted in keeps so much for itself. */
const FITTED = 0.4;
/** The chosen one stands left of the middle, pixels: its name is on its right, and a desk's map is some 330 wide. */
const ASIDE = -90;
/** Pixels that a name takes: a place whose name would run into that of a site is left out. */
const NAME_WIDTH = 120;
const NAME_HEIGHT = 16;

export interface CityMap {
  readonly show: (marks: readonly Mark[]) => void;
  /** Below 1 comes closer. */
  readonly zoom: (factor: number) => void;
  readonly whole: () => void;
  /** The look of the page has changed. */
  readonly colour: () => void;
  readonly close: () => void;
}

let prepared = false;

function prepare(): void {
  if (prepared) return;
  prepared = true;
  setWorkerUrl(MAP_WORKER_ADDRESS);
  addProtocol("pmtiles", new Protocol().tile);
}

/** Opens the map in the element; `fail` is called when it cannot be drawn (any more), `pick` with what is clicked. */
export function openCity(element: HTMLElement, file: MapFile, fail: () => void, pick: (spot: Spot) => void): CityMap {
  prepare();
  let dark = isDark();
  const style = () => styleOf(file, `${location.origin}/map/city.pmtiles`, dark);
  const map = new MapLibre({
    container: element,
    style: style(),
    attributionControl: false,
    // What a screen reader calls the canvas.
    locale: { "Map.Title": say().cases.map.city },
    dragRotate: false,
    keyboard: false,
    ...(file.bounds ? { bounds: file.bounds as [number, number, number, number] } : {}),
  });
  map.getCanvas().addEventListener("webglcontextlost", fail);
  failUnlessRead(map, fail);
  map.getCanvas().tabIndex = -1;
  map.on("click", ({ lngLat: { lat: latitude, lng: longitude } }) => pick({ latitude, longitude }));
  const marks = new Marks(map);
  map.on("idle", () => marks.name());
  return {
    show: (shown) => marks.show(shown),
    zoom: (factor) => void map.zoomTo(map.getZoom() - Math.log2(factor), { duration: 0 }),
    whole: () => {
      if (file.bounds) map.fitBounds(file.bounds as [number, number, number, number], { duration: 0 });
    },
    colour: () => {
      if (isDark() === dark) return;
      dark = !dark;
      map.setStyle(style());
    },
    close: () => map.remove(),
  };
}

/** A file that cannot be read at all is no map; one tile that fails later leaves a gap and nothing more. */
function failUnlessRead(map: MapLibre, fail: () => void): void {
  let read = false;
  map.on("sourcedata", (event) => (read ||= event.tile !== undefined));
  map.on("error", () => {
    if (!read) fail();
  });
}

function isDark(): boolean {
  const theme = document.documentElement.dataset["theme"];
  return theme === "dark" || theme === "dim" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
}

/** What stands on the map as elements of the page, so that names need no font of the map's. */
class Marks {
  private shown: Marker[] = [];
  private names: Marker[] = [];
  private chosen: string | null = null;
  private fitted = false;

  constructor(private readonly map: MapLibre) {}

  show(marks: readonly Mark[]): void {
    for (const marker of this.shown) marker.remove();
    this.shown = marks.map((mark) => this.put(mark, `map__mark map__mark--${mark.look} ${mark.chosen ? "map__mark--chosen" : ""}`));
    const chosen = marks.find((mark) => mark.chosen) ?? null;
    if (chosen !== null && chosen.key !== this.chosen) {
      const zoom = Math.max(CLOSE_ZOOM, this.map.getZoom());
      this.map.easeTo({ center: [chosen.longitude, chosen.latitude], zoom, offset: [grown(ASIDE), 0], duration: 0 });
    } else if (chosen === null && !this.fitted && marks.length > 0) {
      this.fitted = true;
      const bounds = new LngLatBounds();
      for (const mark of marks) bounds.extend([mark.longitude, mark.latitude]);
      this.map.fitBounds(bounds, { padding: this.room(), maxZoom: CLOSE_ZOOM, duration: 0 });
    }
    this.chosen = chosen?.key ?? null;
  }

  /** Names of quarters and villages, from the file's own layer of places. */
  name(): void {
    for (const marker of this.names) marker.remove();
    const found = new globalThis.Map<string, readonly [number, number]>();
    for (const layer of PLACE_LAYERS) {
      if (!this.map.getSource("city")) continue;
      for (const feature of this.map.querySourceFeatures("city", { sourceLayer: layer })) {
        const name: unknown = feature.properties["name:id"] ?? feature.properties["name"];
        if (typeof name !== "string" || feature.geometry.type !== "Point" || found.size >= NAMES_MOST) continue;
        const spot = feature.geometry.coordinates as [number, number];
        if (this.isFree(spot)) found.set(name, spot);
      }
    }
    this.names = [...found].map(([name, [longitude, latitude]]) => this.put({ name, longitude, latitude }, "map__mark map__mark--place"));
  }

  /** `ROOM` for letters of this size and the names that are shown. */
  private room(): { top: number; right: number; bottom: number; left: number } {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const longest = Math.max(0, ...this.shown.map((marker) => marker.getElement().offsetWidth));
    const [left, right] = [grown(ROOM.left), Math.max(grown(ROOM.right), longest + grown(TOOLS))];
    const across = Math.min(1, ((1 - FITTED) * width) / (left + right));
    const down = Math.min(grown(1), ((1 - FITTED) * height) / (ROOM.top + ROOM.bottom));
    return { top: ROOM.top * down, right: right * across, bottom: ROOM.bottom * down, left: left * across };
  }

  private isFree(spot: readonly [number, number]): boolean {
    const at = this.map.project([...spot]);
    return this.shown.every((marker) => {
      const other = this.map.project(marker.getLngLat());
      return Math.abs(other.y - at.y) >= grown(NAME_HEIGHT) || Math.abs(other.x - at.x) >= grown(NAME_WIDTH);
    });
  }

  private put(mark: Pick<Mark, "name" | "unit" | "longitude" | "latitude">, look: string): Marker {
    const element = document.createElement("span");
    element.className = look;
    element.append(part("name", mark.name));
    if (mark.unit) element.firstElementChild?.append(part("unit", mark.unit));
    return new Marker({ element, anchor: "left" }).setLngLat([mark.longitude, mark.latitude]).addTo(this.map);
  }
}

/** So many pixels at the desk, for the letters of this page. */
function grown(pixels: number): number {
  return (pixels * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)) / LETTER;
}

function part(what: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = `map__mark-${what}`;
  element.textContent = text;
  return element;
}
