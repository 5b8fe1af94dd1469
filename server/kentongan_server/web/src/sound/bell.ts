// The alarm's sound in the browser: armed by a person's act, on while any alarm rings.

import { signal, type ReadonlySignal } from "@preact/signals";
import { chimeSamples, SIREN_S, sirenSamples } from "./siren.ts";

/** "off": not armed; "ready": armed and quiet; "sounding": signal measured at the output; "mute": should sound and does not. */
export type BellState = "off" | "ready" | "sounding" | "mute";

/** How often the output is measured while it should sound. */
const MEASURE_EVERY_MS = 100;

/** The siren pauses for half a second; silence for longer than this is a fault. */
const SILENCE_LIMIT_MS = 1_500;

/** Bounds the wait for the browser to start the sound; it takes some 10 ms where it is allowed. */
const RESUME_LIMIT_MS = 1_000;

/** Amplitude above which the analyser's samples count as sound. */
const AUDIBLE = 0.001;

/** Full volume is the speaker's business; this leaves room before clipping. */
const SIREN_GAIN = 0.6;
const CHIME_GAIN = 0.25;

interface Chain {
  readonly context: AudioContext;
  readonly analyser: AnalyserNode;
  readonly siren: AudioBuffer;
  readonly chime: AudioBuffer;
}

/**
 * Browsers keep a page silent until a person acts: `arm()` must be called from a key or a click.
 * `state` says what is really heard: it is measured behind the sound, not remembered.
 */
export class Bell {
  private chain: Chain | null = null;
  private source: AudioBufferSourceNode | null = null;
  private wanted = false;
  private heardAt = 0;
  private measuring: ReturnType<typeof setInterval> | null = null;
  private readonly stateSignal = signal<BellState>("off");

  get state(): ReadonlySignal<BellState> {
    return this.stateSignal;
  }

  get armed(): boolean {
    return this.chain !== null;
  }

  /** Unlocks the sound; true when the browser allowed it. Plays the chime unless an alarm rings. */
  async arm(): Promise<boolean> {
    const chain = this.chain ?? makeChain();
    // Without a person's act the browser never settles this promise.
    await Promise.race([chain.context.resume(), new Promise((done) => setTimeout(done, RESUME_LIMIT_MS))]);
    if (chain.context.state !== "running") {
      // A chain that was in use is given up too: the next key or click makes a new one.
      if (this.chain === chain) this.giveUp();
      await close(chain);
      return false;
    }
    if (this.chain !== null && this.chain !== chain) {
      await close(chain); // another call was sooner
      return true;
    }
    if (this.chain === null) chain.context.onstatechange = () => this.contextChanged();
    this.chain = chain;
    if (!this.wanted) this.test();
    this.follow();
    return true;
  }

  /** The chime, so that a person hears that the sound works. */
  test(): void {
    if (this.chain) play(this.chain, this.chain.chime, CHIME_GAIN, false);
  }

  /** On while any alarm rings. */
  ring(wanted: boolean): void {
    this.wanted = wanted;
    this.follow();
  }

  /** The shift is over: back to silence until somebody arms it again. */
  async disarm(): Promise<void> {
    const chain = this.chain;
    this.giveUp();
    if (chain) await close(chain);
  }

  private giveUp(): void {
    this.stop();
    this.chain = null;
    this.publish();
  }

  private follow(): void {
    if (this.chain && this.wanted && !this.source) this.start(this.chain);
    if (!this.wanted) this.stop();
    this.publish();
  }

  private start(chain: Chain): void {
    this.source = play(chain, chain.siren, SIREN_GAIN, true);
    this.heardAt = performance.now();
    this.measuring = setInterval(() => this.publish(), MEASURE_EVERY_MS);
  }

  private stop(): void {
    this.source?.stop();
    this.source?.disconnect();
    this.source = null;
    if (this.measuring !== null) clearInterval(this.measuring);
    this.measuring = null;
  }

  private contextChanged(): void {
    // A headset was unplugged, a call came in: take the sound back at once where the browser lets us.
    if (this.chain?.context.state === "suspended") void this.chain.context.resume();
    this.publish();
  }

  private publish(): void {
    this.stateSignal.value = this.measure();
  }

  private measure(): BellState {
    if (!this.chain) return "off";
    if (!this.source) return this.chain.context.state === "running" ? "ready" : "mute";
    const now = performance.now();
    if (this.chain.context.state === "running" && audible(this.chain.analyser)) {
      this.heardAt = now;
      return "sounding";
    }
    if (now - this.heardAt > SILENCE_LIMIT_MS) return "mute";
    return this.stateSignal.peek() === "sounding" ? "sounding" : "ready";
  }
}

function makeChain(): Chain {
  const context = new AudioContext({ latencyHint: "interactive" });
  const analyser = context.createAnalyser();
  analyser.connect(context.destination);
  return {
    context,
    analyser,
    siren: buffer(context, sirenSamples(context.sampleRate)),
    chime: buffer(context, chimeSamples(context.sampleRate)),
  };
}

/** Two calls may have waited for the same chain, and only one can close it. */
async function close({ context }: Chain): Promise<void> {
  context.onstatechange = null;
  if (context.state !== "closed") await context.close();
}

function buffer(context: AudioContext, samples: Float32Array<ArrayBuffer>): AudioBuffer {
  const made = context.createBuffer(1, samples.length, context.sampleRate);
  made.copyToChannel(samples, 0);
  return made;
}

function play(chain: Chain, sound: AudioBuffer, level: number, loop: boolean): AudioBufferSourceNode {
  const source = chain.context.createBufferSource();
  const gain = chain.context.createGain();
  source.buffer = sound;
  source.loop = loop;
  source.loopEnd = SIREN_S;
  gain.gain.value = level;
  source.connect(gain).connect(chain.analyser);
  source.start();
  return source;
}

function audible(analyser: AnalyserNode): boolean {
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return samples.some((sample) => Math.abs(sample) > AUDIBLE);
}
