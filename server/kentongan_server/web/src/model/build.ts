// Which build of the console a page is, by the address of its script, whose name carries a hash of its content.

const SCRIPT = /<script[^>]*\btype="module"[^>]*\bsrc="([^"]+)"/;

/** The script that a page of the centre loads; null when it is no page of the console. */
export function scriptOf(html: string): string | null {
  return SCRIPT.exec(html)?.[1] ?? null;
}

/** Whether the centre gives out another build than the one that runs; what cannot be told is none. */
export function isOther(own: string | null, html: string): boolean {
  const theirs = scriptOf(html);
  return own !== null && theirs !== null && theirs !== own;
}
