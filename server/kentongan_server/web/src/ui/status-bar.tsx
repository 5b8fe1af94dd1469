import { clock, elapsed } from "../format/time.ts";
import { say } from "../i18n/index.ts";
import type { BellState } from "../sound/bell.ts";
import { now } from "../state/clock.ts";
import { CentreStatus } from "./centre-status.tsx";
import { page } from "../state/route.ts";
import { useConsole } from "./context.ts";
import { Linked, SoundOff, SoundOn, Unlinked } from "./icons.tsx";

/** The link to the centre, the centre itself and the sound: green and small while all is well. */
export function StatusBar() {
  return (
    <div class="status">
      <LinkStatus />
      <CentreStatus />
      <SoundStatus />
    </div>
  );
}

function LinkStatus() {
  const { link } = useConsole();
  const words = say().link;
  const view = link.view.value;
  return (
    <section class={`status__link status__link--${view}`} data-link={view} aria-label={words.label}>
      {view === "stale" ? <Unlinked /> : <Linked />}
      <strong class="status__word">{words[view]}</strong>
      <LinkDetail />
    </section>
  );
}

function LinkDetail() {
  const { link } = useConsole();
  const words = say().link;
  const view = link.view.value;
  const heardAt = link.heardAt.value;
  if (view === "live") return <span>{words.lastBeat(link.silentSeconds.value)}</span>;
  const since =
    heardAt === null ? words.never : words.since(clock(heardAt), elapsed(now.value - heardAt, say().time.days));
  return (
    <>
      <span>{since}</span>
      <Why />
      {view === "stale" && <span class="status__advice">{words.advice}</span>}
    </>
  );
}

function Why() {
  const fault = useConsole().link.fault.value;
  if (!fault) return null;
  const words = say().link.faults;
  return <span>{fault.fault === "refused" ? words.refused(fault.status) : words[fault.fault]}</span>;
}

function SoundStatus() {
  const { bell, mute, incidents } = useConsole();
  const words = say().sound;
  const { mute: muting } = say().cases;
  const state = bell.state.value;
  const rings = incidents.ringing.value.length > 0;
  if (mute.on.value && rings) {
    return (
      <section class="status__sound status__sound--off" aria-label={words.label} data-muted={mute.seconds.value}>
        <SoundOff />
        <span>{muting.on(mute.seconds.value)}</span>
        <button type="button" class="link-button" aria-keyshortcuts="z" onClick={() => mute.end()}>
          {muting.end}
        </button>
      </section>
    );
  }
  return (
    <section class={`status__sound status__sound--${state}`} aria-label={words.label}>
      {state === "off" || state === "mute" ? <SoundOff /> : <SoundOn />}
      <span>{soundWord(state)}</span>
      {state === "sounding" && page.value !== "wall" && (
        <button type="button" class="link-button" aria-keyshortcuts="z" onClick={() => mute.start()}>
          {muting.start}
        </button>
      )}
      {state === "ready" && !rings && (
        <button type="button" class="link-button" onClick={() => bell.test()}>
          {words.test}
        </button>
      )}
    </section>
  );
}

function soundWord(state: BellState): string {
  const { sound } = say();
  return { off: sound.off, ready: sound.ready, sounding: sound.sounding, mute: sound.mute }[state];
}
