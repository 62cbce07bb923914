/** Zero crossings of the sinc on each side of its centre. */
const ZERO_CROSSINGS = 16;
const MAX_SAMPLE = 32_767;
const MIN_SAMPLE = -32_768;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
/** Hann window over −1 … 1. */
const hann = (x: number): number => (Math.abs(x) >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * x));

/**
 * Another sample rate, by a windowed sinc (polyphase: one filter for each position between two input samples that
 * occurs). Going down it cuts off at the new Nyquist frequency.
 */
export function resample(input: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return input;
  const common = gcd(fromHz, toHz);
  const [step, phases] = [fromHz / common, toHz / common];
  const cutoff = Math.min(1, toHz / fromHz);
  const reach = Math.ceil(ZERO_CROSSINGS / cutoff);
  const filters = Array.from({ length: phases }, (_, phase) => filterFor(phase / phases, cutoff, reach));
  return Int16Array.from({ length: Math.floor((input.length * phases) / step) }, (_, i) => {
    const centre = Math.floor((i * step) / phases);
    const filter = filters[(i * step) % phases] as Float64Array;
    let sum = 0;
    for (let k = 0; k < filter.length; k++) sum += (filter[k] as number) * (input[centre + k - reach] ?? 0);
    return Math.max(MIN_SAMPLE, Math.min(MAX_SAMPLE, Math.round(sum)));
  });
}

/** Weights of the input samples `-reach … reach` around a point that lies `offset` behind sample 0. */
function filterFor(offset: number, cutoff: number, reach: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, k) => {
    const x = k - reach - offset;
    return sinc(cutoff * x) * hann(x / (reach + 1));
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Half of the length of {@link Upsampler}'s filter, in input samples. */
const UPSAMPLER_REACH = 8;

/** Gives the samples half-way between the given ones: a Hann-windowed sinc, normalised to unity gain. */
const halfwayFilter = (() => {
  const taps = Float64Array.from({ length: 2 * UPSAMPLER_REACH }, (_, i) => {
    const x = i - UPSAMPLER_REACH + 0.5;
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.5 + 0.5 * Math.cos((Math.PI * x) / UPSAMPLER_REACH));
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
})();

/** 8 kHz to 16 kHz, chunk by chunk. Delays by 8 samples of the input (1 ms). */
export class Upsampler {
  #tail = new Int16Array(2 * UPSAMPLER_REACH);

  push(pcm: Int16Array): Int16Array {
    const all = new Int16Array(this.#tail.length + pcm.length);
    all.set(this.#tail);
    all.set(pcm, this.#tail.length);
    const out = new Int16Array(2 * pcm.length);
    for (let i = 0; i < pcm.length; i++) {
      let sum = 0;
      for (let k = 0; k < halfwayFilter.length; k++)
        sum += (halfwayFilter[k] as number) * (all[i + k + 1] as number);
      out[2 * i] = all[i + UPSAMPLER_REACH] as number;
      out[2 * i + 1] = Math.max(MIN_SAMPLE, Math.min(MAX_SAMPLE, Math.round(sum)));
    }
    this.#tail = all.slice(-this.#tail.length);
    return out;
  }
}
