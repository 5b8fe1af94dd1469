// How the map looks, for the two usual sets of layers (Protomaps, OpenMapTiles): calm, so that what rings stands out.

import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { MapFile } from "../model/types.ts";

/** Layers of points with names. */
export const PLACE_LAYERS = ["places", "place"];

interface Colours {
  readonly ground: string;
  readonly green: string;
  readonly water: string;
  readonly building: string;
  readonly road: string;
  readonly border: string;
}

const LIGHT: Colours = { ground: "#efebe2", green: "#dfe6d3", water: "#bcd3e0", building: "#dfd8ca", road: "#ffffff", border: "#a99f8d" };
const DARK: Colours = { ground: "#171614", green: "#1b201a", water: "#14222c", building: "#23211d", road: "#3b3731", border: "#5a5346" };

const FILLS: readonly (readonly [readonly string[], keyof Colours])[] = [
  [["earth"], "ground"],
  [["landcover", "landuse", "park"], "green"],
  [["water"], "water"],
  [["buildings", "building"], "building"],
];
const LINES: readonly (readonly [readonly string[], keyof Colours])[] = [
  [["waterway"], "water"],
  [["roads", "transportation"], "road"],
  [["boundaries", "boundary"], "border"],
];

/** Draws what of these layers the file has, and asks for nothing but its tiles. */
export function styleOf(file: MapFile, address: string, dark: boolean): StyleSpecification {
  const colours = dark ? DARK : LIGHT;
  const has = (names: readonly string[]): string[] => names.filter((name) => file.layers.includes(name));
  const layers: LayerSpecification[] = [{ id: "background", type: "background", paint: { "background-color": colours.ground } }];
  for (const [names, colour] of FILLS) {
    for (const name of has(names)) {
      layers.push({ id: name, type: "fill", source: "city", "source-layer": name, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colours[colour] } });
    }
  }
  for (const [names, colour] of LINES) {
    for (const name of has(names)) {
      const width = colour === "road" ? ["interpolate", ["exponential", 1.6], ["zoom"], 8, 0.5, 14, 2.5, 18, 14] : 1;
      layers.push({
        id: name,
        type: "line",
        source: "city",
        "source-layer": name,
        filter: ["==", ["geometry-type"], "LineString"],
        paint: { "line-color": colours[colour], "line-width": width as number },
      });
    }
  }
  return {
    version: 8,
    sources: { city: { type: "vector", url: `pmtiles://${address}` } },
    layers: layers.concat(namesOf(has(PLACE_LAYERS))),
  };
}

/** Invisible, so that their tiles are loaded and their names can be asked for. */
function namesOf(layers: readonly string[]): LayerSpecification[] {
  return layers.map((name) => ({ id: name, type: "circle", source: "city", "source-layer": name, paint: { "circle-radius": 0, "circle-opacity": 0 } }));
}
