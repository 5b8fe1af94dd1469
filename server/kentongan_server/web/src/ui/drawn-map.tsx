// The map without a map: lines of the graticule, sites, incidents.

import type { TargetedMouseEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../i18n/index.ts";
import type { Mark } from "../model/marks.ts";
import { graticule, place, spotAt, viewOf, zoomed, type Spot, type View } from "../model/projection.ts";
import { MapTools } from "./map-pane.tsx";

/** From a mark to its name, pixels: beyond the ring of the chosen one. */
const NAME_GAP = 14;
const NAME_GAP_CHOSEN = 23;
/** What the buttons in the corner take, pixels. */
const TOOLS = 52;
/** From the name to the unit below it, pixels. */
const UNIT_BELOW = 14;
/** How wide a letter of a bold name is, pixels: the widest that system fonts have at this size, on average. */
const LETTER = 7;
/** Names of latitudes stand below those of longitudes, so that none covers another in the corner. */
const UNDER_LONGITUDES = 26;
/** Letters on a desk of 1,366 pixels, pixels: styles/base.css. */
const DESK_LETTERS = 14;
/** Beyond so many sites their names would cover each other. */
const NAMES_MOST = 12;
const NEAREST = 0.01;
const FARTHEST = 8;

interface Size {
  readonly width: number;
  readonly height: number;
  /** How much larger letters are than on a desk: a wall is read from afar. */
  readonly scale: number;
}

interface DrawnMapProps {
  readonly marks: readonly Mark[];
  readonly pick?: ((spot: Spot) => void) | undefined;
}

export function DrawnMap({ marks, pick }: DrawnMapProps) {
  const words = say().cases.map;
  const frame = useRef<HTMLDivElement>(null);
  const size = useSize(frame);
  const [factor, setFactor] = useState(1);
  const whole = size === null ? null : viewOf(marks.filter((mark) => mark.look !== "picked"), size.width, size.height);
  const chosen = marks.find((mark) => mark.chosen);
  const view = whole === null || factor === 1 ? whole : zoomed(whole, factor, chosen);
  return (
    <div ref={frame} class="map__drawn">
      {view !== null && size !== null && <Picture view={view} size={size} marks={marks} pick={pick} />}
      {view !== null && (
        <MapTools zoom={(by) => setFactor((now) => Math.min(FARTHEST, Math.max(NEAREST, now * by)))} whole={() => setFactor(1)} />
      )}
      <p class="map__note">{marks.length === 0 ? words.nothing : words.drawn}</p>
    </div>
  );
}

interface PictureProps extends DrawnMapProps {
  readonly view: View;
  readonly size: Size;
}

function Picture({ view, size, marks, pick }: PictureProps) {
  const { width, height, scale } = size;
  const sites = marks.filter((mark) => mark.look === "site");
  const clicked = (event: TargetedMouseEvent<SVGSVGElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    pick?.(spotAt({ x: event.clientX - left, y: event.clientY - top }, view, width, height));
  };
  return (
    <svg class={`map__drawn ${pick ? "map__drawn--pick" : ""}`} onClick={clicked} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={say().cases.map.label}>
      {graticule(view.west, view.east).map((longitude) => {
        const { x } = place({ latitude: view.north, longitude }, view, width, height);
        return (
          <g key={`x ${longitude}`}>
            <line class="map__line" x1={x} x2={x} y1={0} y2={height} />
            <text class="map__degree" x={x + 3} y={12 * scale}>
              {degrees(longitude)}
            </text>
          </g>
        );
      })}
      {graticule(view.south, view.north).map((latitude) => {
        const { y } = place({ latitude, longitude: view.west }, view, width, height);
        return (
          <g key={`y ${latitude}`}>
            <line class="map__line" x1={0} x2={width} y1={y} y2={y} />
            {y > UNDER_LONGITUDES * scale && (
              <text class="map__degree" x={3} y={y - 3}>
                {degrees(latitude)}
              </text>
            )}
          </g>
        );
      })}
      {marks.map((mark) => {
        const { x, y } = place(mark, view, width, height);
        const gap = mark.chosen ? NAME_GAP_CHOSEN : NAME_GAP;
        const named = mark.look !== "site" || sites.length <= NAMES_MOST;
        return (
          <g key={mark.key} transform={`translate(${x} ${y}) scale(${scale})`} data-mark={mark.key}>
            <title>{mark.unit ? `${mark.name}: ${mark.unit}` : mark.name}</title>
            <Shape mark={mark} />
            {named && <Name mark={mark} at={beside(mark, x / scale, width / scale, gap)} />}
          </g>
        );
      })}
    </svg>
  );
}

interface Beside {
  readonly x: number;
  readonly y: number;
  readonly "text-anchor": "start" | "middle" | "end";
}

/** The name, and below it who was sent there. */
function Name({ mark, at }: { readonly mark: Mark; readonly at: Beside }) {
  return (
    <text class={`map__name ${mark.look === "site" ? "" : "map__name--loud"}`} {...at}>
      {mark.name}
      {mark.unit && (
        <tspan class="map__unit" x={at.x} dy={UNIT_BELOW}>
          {mark.unit}
        </tspan>
      )}
    </text>
  );
}

/** Where a name stands: towards the middle; where it would be cut off on the other side, or above its mark. */
function beside({ name, unit = "" }: Mark, x: number, width: number, gap: number): Beside {
  const long = Math.max(name.length, unit.length) * LETTER;
  const right = width - x - gap >= long;
  const left = x - gap >= long;
  if (left && (x > width / 2 || !right)) return { x: -gap, y: 4, "text-anchor": "end" };
  if (right) return { x: gap, y: 4, "text-anchor": "start" };
  const middle = Math.min(Math.max(x, long / 2), width - TOOLS - long / 2);
  return { x: middle - x, y: -gap - (unit === "" ? 0 : UNIT_BELOW), "text-anchor": "middle" };
}

function letters(element: HTMLElement): number {
  return Math.max(1, parseFloat(getComputedStyle(element).fontSize) / DESK_LETTERS);
}

function degrees(number: number): string {
  return `${number.toLocaleString(say().locale)}°`;
}

/** Told apart by shape: a dot, a disc, a diamond; the chosen one has a ring around it. */
function Shape({ mark }: { readonly mark: Mark }) {
  return (
    <>
      {mark.look === "picked" && <path class="map__picked" d="M-12 0h8M4 0h8M0 -12v8M0 4v8" />}
      {mark.look === "site" && <circle class="map__site" r={4} />}
      {mark.look === "hand" && <circle class="map__hand" r={8} />}
      {mark.look === "ringing" && <rect class="map__ringing" x={-9} y={-9} width={18} height={18} transform="rotate(45)" />}
      {mark.chosen && <circle class="map__chosen" r={17} />}
    </>
  );
}

function useSize(frame: { readonly current: HTMLElement | null }): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const watch = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientHeight > 0) setSize({ width: element.clientWidth, height: element.clientHeight, scale: letters(element) });
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [frame]);
  return size;
}
