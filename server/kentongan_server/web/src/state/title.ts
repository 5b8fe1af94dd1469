// The tab's title and its icon: what an operator with another window in front still sees.

import { computed, effect } from "@preact/signals";
import cutOffIcon from "../static/icon-cut-off.svg";
import quietIcon from "../static/icon-quiet.svg";
import ringingIcon from "../static/icon-ringing.svg";
import { say } from "../i18n/index.ts";
import { whereIs } from "../i18n/where.ts";
import { now } from "./clock.ts";
import type { Console } from "./console.ts";
import { page } from "./route.ts";

type Face = "quiet" | "ringing" | "cut-off";

const ICONS: Readonly<Record<Face, string>> = { quiet: quietIcon, ringing: ringingIcon, "cut-off": cutOffIcon };

/** Two titles take turns every second while an alarm rings: what moves is noticed. */
export function showTitle(console: Console): void {
  const face = computed<Face>(() => {
    if (console.session.value === "expired") return "cut-off";
    if (console.signedIn === null) return "quiet";
    if (console.incidents.ringing.value.length > 0) return "ringing";
    return console.link.view.value === "stale" ? "cut-off" : "quiet";
  });

  effect(() => {
    document.title = title(console, face.value);
  });

  effect(() => {
    document.querySelector("link[rel=icon]")?.setAttribute("href", ICONS[face.value]);
  });
}

function title(console: Console, face: Face): string {
  const words = say();
  const name = words.app.name;
  if (face === "cut-off") return `${words.title.stale} · ${name}`;
  if (console.signedIn === null) return name;
  if (face === "quiet") return `${words.nav[page.value]} · ${name}`;
  const ringing = console.incidents.ringing.value;
  const first = ringing[0] === undefined ? null : console.incidents.find(ringing[0]);
  const turn = Math.floor(now.value / 1_000) % 2 === 0;
  return turn && first ? words.title.alarm(ringing.length, whereIs(first.value)) : words.title.ringing(ringing.length);
}
