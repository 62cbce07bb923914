import { ENGINE_RATE_HZ } from '../recogniser.ts';
import { PowerSpectrum } from './fft.ts';
import { TUNING, WINDOW_SAMPLES } from './tuning.ts';

interface Filter {
  firstBin: number;
  weights: Float64Array;
}

const toMel = (hz: number): number => 2595 * Math.log10(1 + hz / 700);
const toHz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

const spectrum = new PowerSpectrum(WINDOW_SAMPLES);
const hann = Float64Array.from(
  { length: WINDOW_SAMPLES },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW_SAMPLES),
);
const filters = triangularFilters();

/** Triangular filters on the mel scale, each at least one bin wide. */
function triangularFilters(): Filter[] {
  const low = toMel(TUNING.lowHz);
  const step = (toMel(TUNING.highHz) - low) / (TUNING.bands + 1);
  const edge = (i: number): number => (toHz(low + step * i) * WINDOW_SAMPLES) / ENGINE_RATE_HZ;
  return Array.from({ length: TUNING.bands }, (_, band) => {
    const [from, centre, to] = [edge(band), edge(band + 1), edge(band + 2)];
    const firstBin = Math.floor(from);
    const weights = Float64Array.from({ length: Math.ceil(to) - firstBin + 1 }, (_, i) => {
      const bin = firstBin + i;
      return Math.max(0, Math.min((bin - from) / (centre - from), (to - bin) / (to - centre)));
    });
    if (!weights.some((w) => w > 0.3)) weights[Math.round(centre) - firstBin] = 1;
    return { firstBin, weights };
  });
}

/**
 * Divides a stream into overlapping windows of 32 ms, one per hop, and computes the energies of 24 mel bands of each.
 * The first window ends `hop` samples into the stream.
 */
export class MelFrontEnd {
  readonly #hop: number;
  readonly #samples = new Float64Array(WINDOW_SAMPLES);
  readonly #windowed = new Float64Array(WINDOW_SAMPLES);
  readonly #power = new Float64Array(WINDOW_SAMPLES / 2);
  #filled: number;

  /** @param hop distance between windows, samples */
  constructor(hop: number) {
    this.#hop = hop;
    this.#filled = WINDOW_SAMPLES - hop;
  }

  push(pcm: Int16Array, onFrame: (energies: Float32Array) => void): void {
    for (let i = 0; i < pcm.length; ) {
      const count = Math.min(WINDOW_SAMPLES - this.#filled, pcm.length - i);
      for (let k = 0; k < count; k++) this.#samples[this.#filled + k] = (pcm[i + k] as number) / 32768;
      this.#filled += count;
      i += count;
      if (this.#filled < WINDOW_SAMPLES) return;
      onFrame(this.#energies());
      this.#samples.copyWithin(0, this.#hop);
      this.#filled = WINDOW_SAMPLES - this.#hop;
    }
  }

  #energies(): Float32Array {
    const samples = this.#samples;
    let mean = 0;
    const windowed = this.#windowed;
    for (let i = 0; i < samples.length; i++) mean += samples[i] as number;
    mean /= samples.length;
    for (let i = 0; i < samples.length; i++) {
      windowed[i] = ((samples[i] as number) - mean) * (hann[i] as number);
    }
    spectrum.compute(windowed, this.#power);
    const energies = new Float32Array(filters.length);
    for (let band = 0; band < filters.length; band++) {
      const { firstBin, weights } = filters[band] as Filter;
      let energy = 1e-9;
      for (let k = 0; k < weights.length; k++) {
        energy += (weights[k] as number) * (this.#power[firstBin + k] as number);
      }
      energies[band] = energy;
    }
    return energies;
  }
}
