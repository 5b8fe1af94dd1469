import type { TargetedEvent, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useRef, useState } from "preact/hooks";
import { saySites } from "../i18n/sites.ts";
import type { PictureSpot, SiteDetails } from "../model/register.ts";
import { useConsole } from "./context.ts";
import { Fault, Part, useDoing } from "./account-parts.tsx";
import { PictureFrame, PostMark, WHOLE } from "./site-picture.tsx";
import type { SitePartProps } from "./sites.tsx";

type Spots = Readonly<Record<string, PictureSpot | null>>;

/** Thousandths that an arrow key moves a post, alone and with Shift. */
const STEP = 5;
const STRIDE = 50;
const MIDDLE: PictureSpot = { x: WHOLE / 2, y: WHOLE / 2 };
const MOVES: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function within(value: number): number {
  return Math.min(WHOLE, Math.max(0, Math.round(value)));
}

function spotsOf(site: SiteDetails): Spots {
  return Object.fromEntries(site.fitted.map((post) => [post.name, post.spot]));
}

/** The plan: its picture, and where on it the posts are. */
export function PicturePart({ site, path, edits, changed }: SitePartProps) {
  const { api, notices } = useConsole();
  const words = saySites();
  const { picture } = words;
  const doing = useDoing();
  const [spots, setSpots] = useState(() => spotsOf(site));
  const save = (work: () => Promise<SiteDetails>): void =>
    void doing.run(async () => {
      const after = await work();
      changed(after);
      setSpots(spotsOf(after));
      notices.good(words.saved);
    });
  const upload = (event: TargetedEvent<HTMLInputElement>): void => {
    const input = event.currentTarget;
    const file = input.files?.[0];
    if (file) save(() => api.change<SiteDetails>("PUT", `${path}/picture`, file).finally(() => (input.value = "")));
  };
  const told = Object.entries(spots).flatMap(([post, spot]) => (spot === null ? [] : [{ post, ...spot }]));
  return (
    <Part name="picture" heading={picture.heading} note={picture.note}>
      {site.picture === null && <p>{picture.none}</p>}
      <div class="manage__plan">
        {site.picture !== null && <Plan site={site} spots={spots} set={edits ? setSpots : null} />}
        {site.picture !== null && <PostList site={site} spots={spots} set={edits ? setSpots : null} />}
      </div>
      <Fault of={doing} />
      {edits && (
        <div class="manage__buttons">
          {site.picture !== null && (
            <button type="button" class="button button--primary" disabled={doing.busy} onClick={() => save(() => api.change<SiteDetails>("PUT", `${path}/spots`, { spots: told }))}>
              {picture.saveSpots}
            </button>
          )}
          <label class="button file-button">
            {picture.upload}
            <input type="file" name="picture" accept="image/png,image/jpeg,image/webp" disabled={doing.busy} onChange={upload} aria-describedby="picture-hint" />
          </label>
          {site.picture !== null && (
            <button type="button" class="button" disabled={doing.busy} onClick={() => save(() => api.change<SiteDetails>("DELETE", `${path}/picture`))}>
              {picture.removePicture}
            </button>
          )}
          <span id="picture-hint" class="field__hint">
            {picture.uploadHint}
          </span>
        </div>
      )}
    </Part>
  );
}

interface PlanProps {
  readonly site: SiteDetails;
  readonly spots: Spots;
  readonly set: ((spots: Spots) => void) | null;
}

/** Posts are dragged, or moved by the arrow keys. */
function Plan({ site, spots, set }: PlanProps) {
  const words = saySites().picture;
  const held = useRef<string | null>(null);

  function drag(event: TargetedPointerEvent<SVGGElement>, name: string): void {
    // The frame may be wider or higher than the picture in it: only its matrix knows where that is.
    const toScreen = event.currentTarget.ownerSVGElement?.getScreenCTM();
    if (held.current !== name || !toScreen || site.picture === null || set === null) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(toScreen.inverse());
    const { width, height } = site.picture;
    set({ ...spots, [name]: { x: within((at.x / width) * WHOLE), y: within((at.y / height) * WHOLE) } });
  }

  function byKey(event: TargetedKeyboardEvent<SVGGElement>, name: string, spot: PictureSpot): void {
    const move = MOVES[event.key];
    if (move === undefined || set === null) return;
    event.preventDefault();
    const by = event.shiftKey ? STRIDE : STEP;
    set({ ...spots, [name]: { x: within(spot.x + move[0] * by), y: within(spot.y + move[1] * by) } });
  }

  return (
    <PictureFrame site={site}>
      {site.fitted.map(({ name }) => {
        const spot = spots[name];
        if (!spot) return null;
        const mark = <PostMark site={site} name={name} spot={spot} look="post" />;
        if (set === null) return <g key={name}>{mark}</g>;
        return (
          <g
            key={name}
            class="site-plan__handle"
            data-post={name}
            tabindex={0} // as it is written in SVG, or no key comes here
            role="button"
            aria-label={`${name}: ${words.at(spot.x, spot.y)}`}
            onPointerDown={(event) => {
              held.current = name;
              event.currentTarget.setPointerCapture(event.pointerId);
            }}
            onPointerMove={(event) => drag(event, name)}
            onPointerUp={() => (held.current = null)}
            onKeyDown={(event) => byKey(event, name, spot)}
          >
            {mark}
          </g>
        );
      })}
    </PictureFrame>
  );
}

function PostList({ site, spots, set }: PlanProps) {
  const words = saySites().picture;
  if (site.fitted.length === 0) return <p>{words.noPosts}</p>;
  return (
    <div class="manage__posts">
      {set && <p class="field__hint">{words.keys}</p>}
      <ul class="manage__list">
        {site.fitted.map(({ name }) => {
          const spot = spots[name] ?? null;
          return (
            <li key={name} class="manage__post" data-listed={name}>
              <span>
                <strong>{name}</strong> <span class="manage__also">{spot === null ? words.nowhere : words.at(spot.x, spot.y)}</span>
              </span>
              {set && (
                <button type="button" class="button" onClick={() => set({ ...spots, [name]: spot === null ? MIDDLE : null })}>
                  {spot === null ? words.put(name) : words.take(name)}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
