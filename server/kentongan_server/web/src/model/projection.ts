// The drawn map: from degrees to a flat picture, and lines of the graticule. A city is small enough for a plane.

export interface Spot {
  readonly latitude: number;
  readonly longitude: number;
}

/** What the picture shows, in degrees. */
export interface View {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** A single place is shown with this much around it: some 2 km. */
const LEAST_DEGREES = 0.02;
/** Room around the outermost places, so that their names fit. */
const MARGIN = 0.15;
/** Distances of lines that people can read off, degrees. */
const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const LINES_MOST = 6;

/** The view that holds all places, with the width and height (any unit) of the picture; null without a place. */
export function viewOf(spots: readonly Spot[], width: number, height: number): View | null {
  if (spots.length === 0) return null;
  const latitudes = spots.map((spot) => spot.latitude);
  const longitudes = spots.map((spot) => spot.longitude);
  const latitude = (Math.min(...latitudes) + Math.max(...latitudes)) / 2;
  const longitude = (Math.min(...longitudes) + Math.max(...longitudes)) / 2;
  const narrowing = Math.max(0.1, Math.cos((latitude * Math.PI) / 180));
  const tall = Math.max(LEAST_DEGREES, Math.max(...latitudes) - Math.min(...latitudes)) * (1 + 2 * MARGIN);
  const wide = Math.max(LEAST_DEGREES, Math.max(...longitudes) - Math.min(...longitudes)) * (1 + 2 * MARGIN);
  // One scale for both directions: degrees of latitude for each unit of the picture.
  const scale = Math.max(tall / height, (wide * narrowing) / width);
  const halfWide = (scale * width) / narrowing / 2;
  const halfTall = (scale * height) / 2;
  return { west: longitude - halfWide, east: longitude + halfWide, south: latitude - halfTall, north: latitude + halfTall };
}

/** The view around its middle, or around `centre`, `factor` times as large. */
export function zoomed(view: View, factor: number, centre?: Spot): View {
  const longitude = centre?.longitude ?? (view.west + view.east) / 2;
  const latitude = centre?.latitude ?? (view.south + view.north) / 2;
  const wide = ((view.east - view.west) * factor) / 2;
  const tall = ((view.north - view.south) * factor) / 2;
  return { west: longitude - wide, east: longitude + wide, south: latitude - tall, north: latitude + tall };
}

/** Where a place is on a picture of this size. */
export function place(spot: Spot, view: View, width: number, height: number): { readonly x: number; readonly y: number } {
  return {
    x: ((spot.longitude - view.west) / (view.east - view.west)) * width,
    y: ((view.north - spot.latitude) / (view.north - view.south)) * height,
  };
}

/** The place at a point of a picture of this size. */
export function spotAt(point: { readonly x: number; readonly y: number }, view: View, width: number, height: number): Spot {
  return {
    latitude: view.north - (point.y / height) * (view.north - view.south),
    longitude: view.west + (point.x / width) * (view.east - view.west),
  };
}

/** Round degrees between `from` and `to`, at most some six of them. */
export function graticule(from: number, to: number): readonly number[] {
  const step = STEPS.find((one) => (to - from) / one <= LINES_MOST) ?? 30;
  const lines: number[] = [];
  for (let count = Math.ceil(from / step); count * step <= to; count += 1) lines.push(Number((count * step).toFixed(6)));
  return lines;
}
