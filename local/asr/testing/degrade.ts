import { seededRandom } from '../../../lib/random.ts';
import { ENGINE_RATE_HZ } from '../recogniser.ts';

/** Degradations that audio suffers on its way to the service. Input and output are 16 kHz samples, except where noted. */

const clip = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));

export const gain = (pcm: Int16Array, db: number): Int16Array => pcm.map((v) => clip(v * 10 ** (db / 20)));

/** Resamples by linear interpolation: `step` input samples per output sample, starting at `phase` samples. */
export function interpolateLinear(pcm: Int16Array, step: number, phase = 0): Int16Array {
  return Int16Array.from({ length: Math.floor((pcm.length - 2) / step) }, (_, i) => {
    const at = i * step + phase;
    const k = Math.floor(at);
    const before = pcm[k] as number;
    return clip(before + (at - k) * ((pcm[k + 1] ?? before) - before));
  });
}

/** Resamples to another rate and back, at fractional positions, as a browser's recorder does. */
export const viaRate = (pcm: Int16Array, hz: number): Int16Array =>
  interpolateLinear(interpolateLinear(pcm, ENGINE_RATE_HZ / hz, 0.37), hz / ENGINE_RATE_HZ, 0.61);

/** Mean power of the speech: of the frames of 20 ms that are within 40 dB of the loudest. */
function speechPower(pcm: Int16Array): number {
  const powers: number[] = [];
  for (let at = 0; at + 320 <= pcm.length; at += 320) {
    powers.push(pcm.subarray(at, at + 320).reduce((sum, v) => sum + v * v, 0) / 320);
  }
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  const speech = powers.filter((power) => power > loudest * 1e-4);
  return speech.reduce((sum, power) => sum + power, 0) / speech.length;
}

export function whiteNoise(pcm: Int16Array, snrDb: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const deviation = Math.sqrt(speechPower(pcm) / 10 ** (snrDb / 10));
  return pcm.map((v) => {
    const gauss = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    return clip(v + deviation * gauss);
  });
}

/** Changes the tempo (faster for `factor` > 1) at the same pitch, by waveform-similarity overlap-add (WSOLA). */
export function tempo(pcm: Int16Array, factor: number): Int16Array {
  const half = 240;
  const search = 120;
  const out = new Float64Array(Math.ceil(pcm.length / factor) + 2 * half);
  let source = 0;
  for (let at = 0; at + 2 * half < out.length; at += half) {
    const nominal = Math.round(at * factor);
    const wanted = source + half;
    source = at === 0 ? 0 : nominal + bestShift(pcm, wanted, nominal, half, search);
    for (let i = 0; i < 2 * half; i++) {
      const weight = 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / half);
      out[at + i] = (out[at + i] as number) + weight * (pcm[source + i] ?? 0);
    }
  }
  return Int16Array.from(out, clip);
}

function bestShift(pcm: Int16Array, wanted: number, nominal: number, length: number, search: number): number {
  let best = 0;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let shift = -search; shift <= search; shift += 2) {
    if (nominal + shift < 0) continue;
    let score = 0;
    for (let i = 0; i < length; i += 4) score += (pcm[wanted + i] ?? 0) * (pcm[nominal + shift + i] ?? 0);
    if (score > bestScore) {
      bestScore = score;
      best = shift;
    }
  }
  return best;
}

/** Converts to 8 kHz: a low-pass filter, then every second sample. */
export function toTelephone(pcm: Int16Array): Int16Array {
  return Int16Array.from({ length: pcm.length >> 1 }, (_, i) => {
    const at = (k: number): number => pcm[2 * i + k] ?? 0;
    return clip(0.5 * at(0) + 0.3 * (at(-1) + at(1)) - 0.05 * (at(-3) + at(3)));
  });
}
