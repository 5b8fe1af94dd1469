import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useConsole } from "./context.ts";
import { focusRow } from "./keys.ts";
import { RingStrip } from "./ring-strip.tsx";

interface DialogProps {
  readonly label: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** A modal window: Esc closes it, what rings stays in view, and the focus goes back where it came from. */
export function Dialog({ label, close, children }: DialogProps) {
  const console = useConsole();
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the next key: an Esc that came ahead of the window would leave it open over whatever is pressed then.
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
      else focusRow(console.selected.peek());
    };
  }, [console]);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <RingStrip byEnter={false} />
      {children}
    </dialog>
  );
}
