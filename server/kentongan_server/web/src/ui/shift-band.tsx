import { say } from "../i18n/index.ts";
import { reads } from "../model/pages.ts";
import { useConsole } from "./context.ts";
import { page } from "../state/route.ts";
import { SoundOff } from "./icons.tsx";

/** Stays until the sound is on: an operator who hears nothing is not on duty. Largest when an alarm rings unheard. */
export function ShiftBand() {
  const { bell, shift, incidents, signedIn } = useConsole();
  const words = say().sound;
  const state = bell.state.value;
  if (state === "ready" || state === "sounding" || !reads(signedIn, "queue")) return null;
  const ringing = incidents.ringing.value.length;
  // Nobody is on duty at the wall; but it too is silent until somebody was there once.
  const wall = page.value === "wall";
  const lines = linesFor(state === "mute", ringing, wall);
  return (
    <section class={`band ${ringing > 0 ? "band--loud" : ""}`} aria-label={lines.head}>
      <SoundOff class="band__icon" />
      <p class="band__text">
        <strong class="band__head">{lines.head}</strong> <span>{lines.advice}</span>
      </p>
      <button type="button" class="button button--arm" onClick={() => void shift.start()}>
        {ringing > 0 || wall || shift.started.value ? words.again : words.start}
      </button>
    </section>
  );
}

function linesFor(mute: boolean, ringing: number, wall: boolean): { head: string; advice: string } {
  const { sound, cases } = say();
  if (mute) return { head: sound.mute, advice: sound.muteAdvice };
  if (ringing > 0) return { head: sound.silentAlarm(ringing), advice: wall ? cases.wall.soundAdvice : sound.silentAdvice };
  if (wall) return { head: sound.off, advice: cases.wall.soundAdvice };
  return { head: sound.off, advice: sound.offAdvice };
}
