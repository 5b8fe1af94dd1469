import { say } from "../i18n/index.ts";
import { modemCalled } from "../model/centre.ts";
import type { CentreState, Detail, Trouble } from "../model/types.ts";

/** A detail in words; one whose code has no sentence is shown as it came, never hidden. */
export function detailWords(detail: Detail | null): string | null {
  if (detail === null) return null;
  const sentence = say().troubles.details[detail.code];
  if (sentence) return sentence(detail);
  const facts = Object.entries(detail).filter(([name]) => name !== "code");
  return [detail.code, ...facts.map(([name, value]) => `${name} ${String(value)}`)].join(", ");
}

/** Where a trouble is: the site and post, the part of it; the centre itself when it is no site's. */
export function placeWords(trouble: Trouble, centre: CentreState | null): string {
  const places = trouble.site ? [trouble.site.name, trouble.post?.name] : [say().troubles.centre];
  const subject = trouble.subject ?? null;
  return [...places, subject && (say().troubles.parts[subject] ?? modemCalled(subject, centre))].filter(Boolean).join(" · ");
}
