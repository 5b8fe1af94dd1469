import { useEffect, useState } from "preact/hooks";
import { moment } from "../format/time.ts";
import { say } from "../i18n/index.ts";
import { saySites } from "../i18n/sites.ts";
import type { Mark } from "../model/marks.ts";
import type { SiteDetails } from "../model/register.ts";
import { today } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { Fault, Part, useDoing, withFields } from "./account-parts.tsx";
import { MapView } from "./map-pane.tsx";
import type { SitePartProps } from "./sites.tsx";

const TEXT_MOST = 200;
const ZONE_MOST = 64;
/** Of what is clicked, degrees: a metre, finer than a finger. */
const CLICK_DIGITS = 5;
/** The centre's bound for what a person says: domain/pass_phrase.py. */
const PHRASE_MOST = 100;

/** Where a site is, as it is typed. */
interface At {
  readonly latitude: string;
  readonly longitude: string;
}

/** Name, address, zone, and where on the map. */
export function FactsPart(props: SitePartProps) {
  const { site, edits } = props;
  const { facts } = saySites();
  const [at, setAt] = useState<At>(() => ({ latitude: String(site.place?.latitude ?? ""), longitude: String(site.place?.longitude ?? "") }));
  const pick = (latitude: number, longitude: number): void => setAt({ latitude: latitude.toFixed(CLICK_DIGITS), longitude: longitude.toFixed(CLICK_DIGITS) });
  return (
    <Part name="facts" heading={facts.heading} {...(edits ? { note: facts.note } : {})}>
      <div class="manage__pair">
        <FactsForm {...props} at={at} setAt={setAt} />
        <PlaceMap site={site} at={at} pick={edits ? pick : undefined} />
      </div>
    </Part>
  );
}

interface AtProps {
  readonly at: At;
  readonly setAt: (at: At) => void;
}

function FactsForm({ site, path, edits, changed, at, setAt }: SitePartProps & AtProps) {
  const { api, notices } = useConsole();
  const words = saySites();
  const { facts } = words;
  const doing = useDoing();
  const submit = withFields((field) => {
    if ((at.latitude === "") !== (at.longitude === "")) return doing.say(facts.both);
    const place = at.latitude === "" ? null : { latitude: Number(at.latitude), longitude: Number(at.longitude) };
    void doing.run(async () => {
      changed(await api.change<SiteDetails>("PUT", path, { name: field("name"), address: field("address"), zone: field("zone"), place }));
      notices.good(words.saved);
    });
  });
  const fields = [
    { name: "name", most: TEXT_MOST, must: true },
    { name: "address", most: TEXT_MOST, must: false },
    { name: "zone", most: ZONE_MOST, must: true },
  ] as const;
  return (
    <form class="form" onSubmit={submit}>
      {fields.map(({ name, most, must }) => (
        <label key={name} class="field">
          <span class="field__label">{facts[name]}</span>
          <input name={name} required={must} maxLength={most} readOnly={!edits} defaultValue={site[name]} autocomplete="off" />
        </label>
      ))}
      <CoordinateFields at={at} setAt={setAt} edits={edits} />
      <Fault of={doing} />
      {edits && (
        <button type="submit" class="button button--primary manage__submit" disabled={doing.busy}>
          {words.save}
        </button>
      )}
    </form>
  );
}

function CoordinateFields({ at, setAt, edits }: AtProps & { readonly edits: boolean }) {
  const { facts } = saySites();
  const fields = [
    { name: "latitude", most: 90 },
    { name: "longitude", most: 180 },
  ] as const;
  return (
    <div class="manage__pair">
      {fields.map(({ name, most }) => (
        <label key={name} class="field">
          <span class="field__label">{facts[name]}</span>
          <input
            name={name}
            type="number"
            step="any"
            min={-most}
            max={most}
            readOnly={!edits}
            value={at[name]}
            onInput={(event) => setAt({ ...at, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
    </div>
  );
}

interface PlaceMapProps {
  readonly site: SiteDetails;
  readonly at: At;
  readonly pick: ((latitude: number, longitude: number) => void) | undefined;
}

function PlaceMap({ site, at, pick }: PlaceMapProps) {
  const { places } = useConsole();
  useEffect(() => void places.read(), [places]);
  const marks: Mark[] = places.sites.value.flatMap(({ code, name, place }) =>
    place === null || code === site.code ? [] : [{ key: `site ${code}`, name, look: "site" as const, chosen: false, ...place }],
  );
  // The site as it is stored holds the view still; what is clicked moves on it.
  if (site.place !== null) marks.push({ key: `site ${site.code}`, name: site.name, look: "hand", chosen: true, ...site.place });
  const [latitude, longitude] = [Number(at.latitude), Number(at.longitude)];
  const other = latitude !== site.place?.latitude || longitude !== site.place.longitude;
  if (at.latitude !== "" && at.longitude !== "" && other) marks.push({ key: "picked", name: site.name, look: "picked", chosen: false, latitude, longitude });
  return <div class="manage__map">{pick ? <MapView marks={marks} pick={(spot) => pick(spot.latitude, spot.longitude)} /> : <MapView marks={marks} />}</div>;
}

/** What is said by phone: set, never shown. */
export function PhrasePart({ site, path, edits, changed }: SitePartProps) {
  const { api, notices } = useConsole();
  const words = saySites();
  const { phrase } = words;
  const doing = useDoing();
  const known = site.pass_phrase;
  const submit = withFields((field, form) => {
    void doing.run(async () => {
      changed(await api.change<SiteDetails>("PUT", `${path}/pass-phrase`, { phrase: field("phrase"), duress: field("duress") || null }));
      form.reset();
      notices.good(words.saved);
    });
  });
  return (
    <Part name="phrase" heading={phrase.heading} note={phrase.note}>
      <p>
        {known === null
          ? phrase.none
          : `${phrase.since(moment(known.changed_at_ms, today.value, say().locale), known.changed_by)} ${known.has_duress ? phrase.withDuress : phrase.withoutDuress}`}
      </p>
      {edits && (
        <form class="form" autocomplete="off" onSubmit={submit}>
          <div class="manage__pair">
            <label class="field">
              <span class="field__label">{phrase.phrase}</span>
              <input name="phrase" required maxLength={PHRASE_MOST} autocomplete="off" spellcheck={false} />
            </label>
            <label class="field">
              <span class="field__label">{phrase.duress}</span>
              <input name="duress" maxLength={PHRASE_MOST} autocomplete="off" spellcheck={false} aria-describedby="duress-hint" />
              <span id="duress-hint" class="field__hint">
                {phrase.duressHint}
              </span>
            </label>
          </div>
          <Fault of={doing} />
          <button type="submit" class="button button--primary manage__submit" disabled={doing.busy}>
            {phrase.set}
          </button>
        </form>
      )}
    </Part>
  );
}
