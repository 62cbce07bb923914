import { TUNING } from './tuning.ts';

const WINDOW_FRAMES = 25;
/** Noise is the smallest smoothed energy of the last 3 s (six windows and the running one). */
const WINDOWS = 6;
/** Minima lie below the mean of the noise by about this factor. */
const MINIMUM_BIAS = 1.7;

/**
 * Speech or not, per frame of 20 ms: mean SNR of the bands over a minimum-statistics noise floor (an average would
 * creep up while somebody speaks), with a floor relative to the running speech level.
 */
export class SpeechDetector {
  /** Estimated noise per band, as of the last frame. */
  readonly noise: Float32Array;
  #level: number;
  #frames = 0;
  #smoothed: Float32Array | undefined;
  #current: Float32Array | undefined;
  #first: Float32Array | undefined;
  readonly #minima: Float32Array[] = [];

  /** @param level expected energy of speech, summed over the bands */
  constructor(level: number) {
    this.#level = level;
    this.noise = new Float32Array(TUNING.bands);
  }

  next(energies: Float32Array): boolean {
    this.#track(energies);
    const floor = (this.#level * TUNING.relativeFloor) / TUNING.bands;
    let total = 0;
    let snrDb = 0;
    for (let band = 0; band < energies.length; band++) {
      const energy = energies[band] as number;
      let minimum = (this.#current as Float32Array)[band] as number;
      for (const window of this.#minima) minimum = Math.min(minimum, window[band] as number);
      const noise = minimum * MINIMUM_BIAS;
      this.noise[band] = noise;
      total += energy;
      snrDb += Math.max(0, 10 * Math.log10((energy + floor) / (noise + floor)));
    }
    const speech = snrDb / TUNING.bands > TUNING.speechSnrDb;
    if (speech) this.#level = Math.max(this.#level * 0.998, Math.min(total, this.#level * 4));
    return speech;
  }

  #track(energies: Float32Array): void {
    const assumed = (this.#level * 1e-3) / TUNING.bands;
    this.#smoothed ??= energies.slice();
    this.#current ??= energies.map((e) => Math.min(e, assumed));
    this.#first ??= energies.slice();
    const [smoothed, current, first] = [this.#smoothed, this.#current, this.#first];
    for (let band = 0; band < energies.length; band++) {
      const value =
        (smoothed[band] as number) + 0.25 * ((energies[band] as number) - (smoothed[band] as number));
      smoothed[band] = value;
      if (value < (current[band] as number)) current[band] = value;
      if (this.#frames < WINDOW_FRAMES && value < (first[band] as number)) first[band] = value;
    }
    if (++this.#frames % WINDOW_FRAMES !== 0) return;
    // The assumed floor only lasts for the first window: a stream may start in steady noise.
    this.#minima.push(this.#frames === WINDOW_FRAMES ? first : current);
    if (this.#minima.length > WINDOWS) this.#minima.shift();
    this.#current = smoothed.slice();
  }
}
