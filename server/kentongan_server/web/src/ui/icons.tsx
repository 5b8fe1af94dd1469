// Shapes, drawn on a 24 × 24 grid. They repeat what a word beside them says, so readers skip them.

import type { ComponentChildren } from "preact";

interface IconProps {
  readonly class?: string;
}

function Shape({ children, class: name = "" }: IconProps & { readonly children: ComponentChildren }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

/** The slit drum of the guard posts, hanging, and its stick. */
export function Kentongan(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line" d="M9.5 1v3" />
      <rect class="fill" x="5" y="3.6" width="9" height="18.8" rx="4.5" />
      <rect class="cut" x="8.4" y="7.2" width="2.2" height="11.6" rx="1.1" />
      <path class="line thick" d="M20.6 5.4 16 13.2" />
      <circle class="fill" cx="15.7" cy="13.8" r="1.9" />
    </Shape>
  );
}

/** Rings: a triangle with its mark. */
export function Ringing(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="fill" d="M12 1.8c.8 0 1.5.4 1.9 1.1l9 15.9c.9 1.5-.2 3.4-1.9 3.4H3c-1.7 0-2.8-1.9-1.9-3.4l9-15.9c.4-.7 1.1-1.1 1.9-1.1z" />
      <path class="cut" d="M10.6 8.2h2.8l-.4 6.9h-2z" />
      <circle class="cut" cx="12" cy="18" r="1.5" />
    </Shape>
  );
}

/** All paths of a site are cut: a shield with a crack. */
export function Attack(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="fill" d="M12 1.6 21.4 5v6.6c0 5-3.9 8.9-9.4 11-5.5-2.1-9.4-6-9.4-11V5z" />
      <path class="cut-line" d="m12.8 5-3 5.600h4.800l-3.4 7.2" />
    </Shape>
  );
}

/** Many sites are cut off: masts, one of them struck out. */
export function Outage(props: IconProps) {
  return (
    <Shape {...props}>
      <circle class="fill" cx="12" cy="12" r="10.4" />
      <path class="cut-line" d="M7 16.500V12M12 16.500V8M17 16.500V10.500M5.5 5.500l13 13" />
    </Shape>
  );
}

/** For review: a sheet of paper with lines. */
export function Review(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line" d="M6 2.800h8.500L19 7.300v13.900H6zM14 3v4.800h4.800M9 12h7M9 16h7" />
    </Shape>
  );
}

/** In somebody's hands: a disc with a tick. */
export function InHand(props: IconProps) {
  return (
    <Shape {...props}>
      <circle class="fill" cx="12" cy="12" r="10" />
      <path class="cut-line" d="m7.2 12.4 3.3 3.3 6.3-7" />
    </Shape>
  );
}

/** Over: an empty square with a tick. */
export function Done(props: IconProps) {
  return (
    <Shape {...props}>
      <rect class="line" x="3" y="3" width="18" height="18" rx="3" />
      <path class="line" d="m7.6 12.3 3.1 3.1 5.8-6.6" />
    </Shape>
  );
}

export function Wrench(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line" d="M14.5 9.5 4.2 19.8M20.6 6.6a5 5 0 0 1-6.7 4.7l-1.2-1.2A5 5 0 0 1 17.4 3.4l-2.6 2.7.5 2.6 2.6.5z" />
    </Shape>
  );
}

/** A letter: came by SMS. */
export function Sms(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line" d="M3 4.500h18v12.500H10.500L6 21v-4H3zM7.5 9h9M7.5 12.700h6" />
    </Shape>
  );
}

export function Wifi(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line" d="M2.5 9.500a13.5 13.5 0 0 1 19 0M6 13.200a8.5 8.5 0 0 1 12 0" />
      <circle class="fill" cx="12" cy="17.8" r="2.2" />
    </Shape>
  );
}

/** Too late: a clock with its time over. */
export function Overdue(props: IconProps) {
  return (
    <Shape {...props}>
      <circle class="fill" cx="12" cy="12" r="10" />
      <path class="cut-line" d="M12 6v6.400l4 2.6" />
    </Shape>
  );
}

/** Waves: the stream lives. */
export function Linked(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line" d="M2 12h4l2.5-6 4 13 3-9 1.6 2H22" />
    </Shape>
  );
}

/** A broken line: the stream is dead. */
export function Unlinked(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line" d="M2 12h6M16 12h6M9.5 7.5l5 9M14.5 7.5l-5 9" />
    </Shape>
  );
}

export function SoundOn(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="fill" d="M3 9.2h3.6L12 4.6v14.8l-5.4-4.6H3z" />
      <path class="line" d="M15.2 9a4.4 4.4 0 0 1 0 6M18 6.2a8.4 8.4 0 0 1 0 11.6" />
    </Shape>
  );
}

export function SoundOff(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="fill" d="M3 9.2h3.6L12 4.6v14.8l-5.4-4.6H3z" />
      <path class="line" d="m15.4 9.4 5.4 5.4M20.8 9.4l-5.4 5.4" />
    </Shape>
  );
}

export function Sun(props: IconProps) {
  return (
    <Shape {...props}>
      <circle class="fill" cx="12" cy="12" r="4.4" />
      <path class="line" d="M12 2v2.6M12 19.4V22M2 12h2.6M19.4 12H22M4.9 4.9l1.9 1.9M17.2 17.2l1.9 1.9M4.9 19.1l1.9-1.9M17.2 6.8l1.9-1.9" />
    </Shape>
  );
}

export function Moon(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="fill" d="M20.4 14.6A8.9 8.9 0 0 1 9.4 3.6a8.9 8.9 0 1 0 11 11z" />
    </Shape>
  );
}

/** A moon that gives hardly any light. */
export function Dim(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line" d="M20.4 14.6A8.9 8.9 0 0 1 9.4 3.6a8.9 8.9 0 1 0 11 11z" />
    </Shape>
  );
}

export function HalfMoon(props: IconProps) {
  return (
    <Shape {...props}>
      <circle class="line" cx="12" cy="12" r="8.6" />
      <path class="fill" d="M12 3.4a8.6 8.6 0 0 1 0 17.2z" />
    </Shape>
  );
}

export function Question(props: IconProps) {
  return (
    <Shape {...props}>
      <circle class="line" cx="12" cy="12" r="9.6" />
      <path class="line" d="M9.2 9.4a2.9 2.9 0 1 1 4.3 2.6c-1 .6-1.5 1.1-1.5 2.2" />
      <circle class="fill" cx="12" cy="17.2" r="1.2" />
    </Shape>
  );
}

export function Cross(props: IconProps) {
  return (
    <Shape {...props}>
      <path class="line thick" d="m6 6 12 12M18 6 6 18" />
    </Shape>
  );
}

export function Button(props: IconProps) {
  return (
    <Shape {...props}>
      <rect class="line" x="3" y="3" width="18" height="18" rx="4" />
      <circle class="fill" cx="12" cy="12" r="4.6" />
    </Shape>
  );
}

export function Gateway(props: IconProps) {
  return (
    <Shape {...props}>
      <rect class="line" x="2.5" y="13.5" width="19" height="7.5" rx="2" />
      <circle class="fill" cx="7" cy="17.2" r="1.2" />
      <path class="line" d="M12 13.5V10M8.6 7.6a4.6 4.6 0 0 1 6.8 0M6 4.8a8.6 8.6 0 0 1 12 0" />
    </Shape>
  );
}

export function Centre(props: IconProps) {
  return (
    <Shape {...props}>
      <rect class="line" x="2.5" y="4" width="19" height="12.5" rx="2" />
      <path class="line" d="M8 20.5h8M12 16.5v4" />
      <path class="line" d="M6.5 10.5h3l1.5-3 2.5 5.5 1.4-2.5h2.6" />
    </Shape>
  );
}
