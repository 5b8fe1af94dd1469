// Lists whose rows move, come and go while somebody uses them by keys.

import { useLayoutEffect, useRef } from "preact/hooks";

interface Held<Value> {
  readonly current: Value;
}

/**
 * Where in the list the focus is, in the words of `where` (a function that never changes); null when it is not in it.
 * It stays what it was when the focused element is moved or removed, so that the list can give the focus back.
 */
export function useFocusIn<Where>(list: Held<HTMLElement | null>, where: (target: HTMLElement) => Where | null): Held<Where | null> {
  const focused = useRef<Where | null>(null);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const at = (target: EventTarget | null): Where | null => (target instanceof HTMLElement && element.contains(target) ? where(target) : null);
    const entered = (event: FocusEvent): void => void (focused.current = at(event.target));
    const left = (event: FocusEvent): void => {
      // Without a next target the focused element was removed or moved, or the person clicked on nothing.
      if (event.relatedTarget !== null) focused.current = null;
    };
    const clicked = (event: Event): void => {
      if (at(event.target) === null) focused.current = null;
    };
    element.addEventListener("focusin", entered);
    element.addEventListener("focusout", left);
    document.addEventListener("pointerdown", clicked);
    return () => {
      element.removeEventListener("focusin", entered);
      element.removeEventListener("focusout", left);
      document.removeEventListener("pointerdown", clicked);
    };
  }, [list]);
  return focused;
}
