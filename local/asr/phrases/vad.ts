import { TUNING } from './tuning.ts';

/** Length of a window of the minimum statistics: 0.5 s. */
const WINDOW_FRAMES = 25;
/** The noise floor is the smallest smoothed energy of so many windows and the current one: of about 3 s. */
const WINDOWS = 6;
/** A minimum is below the mean of the noise by about this factor. */
const MINIMUM_BIAS = 1.7;

/**
 * Detects speech per frame of 20 ms, by the mean signal-to-noise ratio of the bands. The noise floor is estimated by minimum
 * statistics, because an average would rise during speech; it has a lower limit relative to the running speech level.
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

  /** @param level expected peak energy of speech, summed over the bands */
  constructor(level: number) {
    this.#level = level;
    this.noise = new Float32Array(TUNING.bands);
  }

  /** @returns whether the next frame contains speech */
  next(energies: Float32Array): boolean {
    this.#trackMinimum(energies);
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

  #trackMinimum(energies: Float32Array): void {
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
    // the assumed floor is replaced after the first window, because a stream may start in steady noise
    this.#minima.push(this.#frames === WINDOW_FRAMES ? first : current);
    if (this.#minima.length > WINDOWS) this.#minima.shift();
    this.#current = smoothed.slice();
  }
}
