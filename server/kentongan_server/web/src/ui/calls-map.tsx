import { useEffect } from "preact/hooks";
import { sayCalls } from "../i18n/calls.ts";
import { rounded } from "../model/call.ts";
import type { Mark } from "../model/marks.ts";
import { useConsole } from "./context.ts";
import { MapView } from "./map-pane.tsx";

/** Where a caller says that it is: a click marks the place, the chosen site is shown. */
export function CallMap() {
  const { calls, places } = useConsole();
  const words = sayCalls();
  useEffect(() => void places.read(), [places]);
  const { spot, site, into } = calls.draft.value;
  if (into !== null) return null;
  const marks: Mark[] = places.sites.value.flatMap(({ code, name, place }) =>
    place === null ? [] : [{ key: `site ${code}`, name, look: code === site ? ("hand" as const) : ("site" as const), chosen: code === site, ...place }],
  );
  const nowhere = marks.length === 0 && places.file.value === null;
  const named = spot === null ? null : `${spot.latitude}, ${spot.longitude}`;
  if (spot !== null && named !== null) marks.push({ key: "spot", name: named, look: "picked", chosen: false, ...spot });
  return (
    <section class="call-map" aria-labelledby="call-map-heading">
      <h2 id="call-map-heading" class="field__label">
        {words.map}
      </h2>
      <p class="field__hint" aria-live="polite" data-spot={named ?? undefined}>
        {named !== null ? words.spot(named) : nowhere ? words.mapNone : words.mapHint}{" "}
        {spot !== null && (
          <button type="button" class="link-button" onClick={() => calls.change({ spot: null })}>
            {words.dropSpot}
          </button>
        )}
      </p>
      <div class="call-map__frame">
        <MapView marks={marks} pick={(picked) => calls.change({ spot: rounded(picked) })} />
      </div>
    </section>
  );
}
