// What a held key passes over is drawn, but not read from the centre.

import { useEffect, useState } from "preact/hooks";

/** Keys that repeat come thirty a second, those of a finger in a hurry five. */
const PASSING_MS = 250;

let cameAt = -Infinity;

/** Whether the operator stays at what is drawn here: true at once after a single step, else when no other follows. */
export function useStays(): boolean {
  const [stays, setStays] = useState(came);
  useEffect(() => {
    if (stays) return undefined;
    const timer = setTimeout(() => setStays(true), PASSING_MS);
    return () => clearTimeout(timer);
  }, [stays]);
  return stays;
}

function came(): boolean {
  const before = cameAt;
  cameAt = performance.now();
  return cameAt - before > PASSING_MS;
}
