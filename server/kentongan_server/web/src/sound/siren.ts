// The sound as samples: computed once, then looped by the audio thread, so that it goes on when the
// page is busy and needs no timer.

/** Two tones a major third apart, in the range where hearing is keenest and small speakers still work. */
const LOW_HZ = 784;
const HIGH_HZ = 988;

const NOTE_S = 0.18;
/** low–high three times, then a pause in which people can speak: urgent, and bearable for minutes. */
const NOTES = [LOW_HZ, HIGH_HZ, LOW_HZ, HIGH_HZ, LOW_HZ, HIGH_HZ];
const PAUSE_S = 0.52;
/** Fade in and out of each note: without it every edge clicks. */
const EDGE_S = 0.012;
/** Third harmonic: cuts through a room without being shrill. */
const THIRD = 0.18;

/** How long one round of the siren lasts, s. */
export const SIREN_S = NOTES.length * NOTE_S + PAUSE_S;

/** One round of the siren at `rate` samples a second, values in -1…1. */
export function sirenSamples(rate: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(SIREN_S * rate));
  NOTES.forEach((hz, index) => note(samples, rate, index * NOTE_S, NOTE_S, hz));
  return samples;
}

/** Two soft notes, upwards: the sound works, nothing is wrong. */
export function chimeSamples(rate: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(0.5 * rate));
  note(samples, rate, 0, 0.2, LOW_HZ / 2);
  note(samples, rate, 0.2, 0.28, HIGH_HZ / 2);
  return samples;
}

function note(samples: Float32Array, rate: number, startS: number, lengthS: number, hz: number): void {
  const start = Math.round(startS * rate);
  const length = Math.round(lengthS * rate);
  const edge = EDGE_S * rate;
  for (let i = 0; i < length; i++) {
    const envelope = Math.min(1, i / edge, (length - i) / edge);
    const phase = (2 * Math.PI * hz * i) / rate;
    samples[start + i] = (envelope * (Math.sin(phase) + THIRD * Math.sin(3 * phase))) / (1 + THIRD);
  }
}
