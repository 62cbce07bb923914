import { TUNING } from './tuning.ts';

/** Cepstral coefficients c0 … c10. */
export const CEPSTRA = TUNING.cepstra + 1;
/** Numbers per frame: the coefficients and their change over 40 ms. */
export const DIMENSIONS = 2 * CEPSTRA;

/** Mean and inverse standard deviation of each feature over the bank, which make distances comparable. */
export interface FeatureNormalization {
  mean: Float64Array;
  inverse: Float64Array;
}

/** In constants of their own, because they are read for every band of every frame. */
const { noiseSubtraction, logFloor } = TUNING;

const cosines = Float64Array.from({ length: CEPSTRA * TUNING.bands }, (_, i) => {
  const k = Math.floor(i / TUNING.bands);
  const band = i % TUNING.bands;
  return Math.cos((Math.PI * k * (band + 0.5)) / TUNING.bands) * Math.sqrt(2 / TUNING.bands);
});

/**
 * Computes features from mel energies that do not depend on loudness (relative to a decaying peak), on steady noise
 * (subtracted), or on room and microphone (cepstral mean subtracted). Causal, so that templates and live streams are treated
 * alike.
 */
export class FeatureExtractor {
  readonly #whitening: FeatureNormalization | null;
  readonly #framesPerHop: number;
  readonly #peakDecay: number;
  readonly #log = new Float64Array(TUNING.bands);
  readonly #sum = new Float64Array(CEPSTRA);
  readonly #history: Float64Array[] = [];
  #frames = 0;
  #peak = 0;

  /** @param framesPerHop frames per 20 ms: 1 for live streams, 2 for templates */
  constructor(whitening: FeatureNormalization | null, framesPerHop: 1 | 2) {
    this.#whitening = whitening;
    this.#framesPerHop = framesPerHop;
    this.#peakDecay = framesPerHop === 2 ? 0.995 : 0.9899;
  }

  /** Writes the next frame's features into `out` at `offset`. */
  next(energies: Float32Array, noise: Float32Array, out: Float32Array, offset: number): void {
    this.#logRelative(energies, noise);
    const cepstra = this.#cepstra();
    const before =
      this.#history[this.#history.length - 2 * this.#framesPerHop] ?? this.#history[0] ?? cepstra;
    this.#frames++;
    for (let k = 0; k < CEPSTRA; k++) {
      const value = cepstra[k] as number;
      this.#sum[k] = (this.#sum[k] as number) + value;
      out[offset + k] = (value - this.#mean(k)) * (this.#whitening?.inverse[k] ?? 1);
      out[offset + CEPSTRA + k] =
        (value - (before[k] as number)) * (this.#whitening?.inverse[CEPSTRA + k] ?? 1);
    }
    this.#history.push(cepstra);
    if (this.#history.length > 4) this.#history.shift();
  }

  #logRelative(energies: Float32Array, noise: Float32Array): void {
    const log = this.#log;
    let strongest = 0;
    for (let band = 0; band < log.length; band++) {
      const clean = Math.max(0, (energies[band] as number) - noiseSubtraction * (noise[band] as number));
      log[band] = clean;
      if (clean > strongest) strongest = clean;
    }
    this.#peak = Math.max(this.#peak * this.#peakDecay, strongest, 1e-7);
    for (let band = 0; band < log.length; band++) {
      log[band] = Math.log((log[band] as number) / this.#peak + logFloor);
    }
  }

  #cepstra(): Float64Array {
    const cepstra = new Float64Array(CEPSTRA);
    const log = this.#log;
    for (let k = 0; k < cepstra.length; k++) {
      let sum = 0;
      for (let band = 0, at = k * log.length; band < log.length; band++, at++) {
        sum += (cosines[at] as number) * (log[band] as number);
      }
      cepstra[k] = sum;
    }
    return cepstra;
  }

  /** The running mean of a coefficient, which starts at the bank's mean. */
  #mean(k: number): number {
    if (!this.#whitening) return 0;
    const prior = TUNING.meanPriorFrames;
    return (
      ((this.#whitening.mean[k] as number) * prior + (this.#sum[k] as number) / this.#framesPerHop) /
      (prior + this.#frames / this.#framesPerHop)
    );
  }
}

/** Mean and deviation over all frames of un-whitened features (row-major, `DIMENSIONS` a frame). */
export function normalizationOf(frames: Float32Array): FeatureNormalization {
  const mean = new Float64Array(DIMENSIONS);
  const variance = new Float64Array(DIMENSIONS);
  const size = mean.length;
  const count = frames.length / size;
  for (let i = 0; i < frames.length; i++) {
    mean[i % size] = (mean[i % size] as number) + (frames[i] as number) / count;
  }
  for (let i = 0; i < frames.length; i++) {
    const k = i % size;
    variance[k] = (variance[k] as number) + ((frames[i] as number) - (mean[k] as number)) ** 2 / count;
  }
  // divided by √DIMENSIONS, so that the distance between unrelated frames is about 1
  return { mean, inverse: variance.map((v) => 1 / Math.sqrt(v * size + 1e-9)) };
}
