// The plan of a site with its posts on it: for operators at an incident, and for whoever keeps it.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { saySites } from "../i18n/sites.ts";
import { ringingAlarms } from "../model/order.ts";
import type { PictureSpot, SiteDetails, SitePost } from "../model/register.ts";
import type { Incident } from "../model/types.ts";
import { useConsole } from "./context.ts";

/** Of the longer side of a picture: marks and names as large on a sketch as on a photograph. */
const MARK_SHARE = 1 / 45;
export const WHOLE = 1_000;

export function pictureAddress(site: SiteDetails): string {
  return `/api/sites/${encodeURIComponent(site.code)}/picture?at=${site.picture?.changed_at_ms ?? 0}`;
}

interface FrameProps {
  readonly site: SiteDetails;
  readonly children: ComponentChildren;
}

/** The picture; its children stand on it in its own pixels. */
export function PictureFrame({ site, children }: FrameProps) {
  if (site.picture === null) return null;
  const { width, height } = site.picture;
  return (
    <svg class="site-plan" viewBox={`0 0 ${width} ${height}`} role="group" aria-label={saySites().picture.label(site.name)} data-site-plan={site.code}>
      <image href={pictureAddress(site)} width={width} height={height} />
      {children}
    </svg>
  );
}

interface MarkProps {
  readonly site: SiteDetails;
  readonly name: string;
  readonly spot: PictureSpot;
  readonly look: "post" | "pressed" | "ringing";
}

/** Told apart by shape: a disc, a large disc, a diamond. */
export function PostMark({ site, name, spot, look }: MarkProps) {
  const { width, height } = site.picture ?? { width: 1, height: 1 };
  const size = Math.max(width, height) * MARK_SHARE;
  const toLeft = spot.x > WHOLE * 0.6;
  return (
    <g transform={`translate(${(spot.x / WHOLE) * width} ${(spot.y / WHOLE) * height})`}>
      {look === "ringing" ? (
        <rect class="site-plan__mark site-plan__mark--ringing" x={-size * 0.8} y={-size * 0.8} width={size * 1.6} height={size * 1.6} stroke-width={size / 5} transform="rotate(45)" />
      ) : (
        <circle class={`site-plan__mark site-plan__mark--${look}`} r={look === "pressed" ? size * 0.85 : size * 0.55} stroke-width={size / 5} />
      )}
      <text class="site-plan__name" font-size={size * 1.15} stroke-width={size / 3} x={toLeft ? -size * 1.4 : size * 1.4} y={size * 0.4} text-anchor={toLeft ? "end" : "start"}>
        {look === "ringing" ? saySites().picture.ringing(name) : name}
      </text>
    </g>
  );
}

/** Where in the building it was pressed; nothing where there is no plan, or this role may not see it. */
export function IncidentPlan({ incident }: { readonly incident: Incident }) {
  const site = useSite(incident.site?.code ?? null);
  const words = saySites().picture;
  if (site === null || site.picture === null) return null;
  const ringing = new Set(ringingAlarms(incident).map((alarm) => alarm.post?.name));
  const pressed = new Set(incident.alarms.map((alarm) => alarm.post?.name));
  const lookOf = (post: SitePost): MarkProps["look"] => (ringing.has(post.name) ? "ringing" : pressed.has(post.name) ? "pressed" : "post");
  const order = { post: 0, pressed: 1, ringing: 2 };
  const placed = site.fitted.filter((post) => post.spot !== null).sort((left, right) => order[lookOf(left)] - order[lookOf(right)]);
  const unplaced = site.fitted.filter((post) => post.spot === null && pressed.has(post.name));
  return (
    <section class="block" data-part="site-plan">
      <h3 class="block__title">{words.heading}</h3>
      <PictureFrame site={site}>
        {placed.map((post) => post.spot && <g key={post.name} data-post={post.name} data-look={lookOf(post)}><PostMark site={site} name={post.name} spot={post.spot} look={lookOf(post)} /></g>)}
      </PictureFrame>
      {unplaced.length > 0 && <p class="block__hint">{words.unplaced(unplaced.map((post) => post.name).join(", "))}</p>}
    </section>
  );
}

function useSite(code: string | null): SiteDetails | null {
  const console = useConsole();
  const [site, setSite] = useState<SiteDetails | null>(null);
  useEffect(() => {
    let current = true;
    setSite(null);
    if (code !== null) {
      // Without an answer the incident stands for itself: the plan is only what helps to find the post.
      console.api.look<SiteDetails>(`sites/${encodeURIComponent(code)}`).then(
        (found) => current && setSite(found),
        (error: unknown) => console.lostSession(error),
      );
    }
    return () => {
      current = false;
    };
  }, [console, code]);
  return site;
}
