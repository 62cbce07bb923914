import { TUNING } from './tuning.ts';

/** Length of a window of the minimum statistics, frames of 20 ms: 0.5 s. */
const WINDOW_FRAMES = 25;
/** The noise is the smallest smoothed energy of so many windows and the current one: of about 3 s. */
const WINDOWS = 6;
/** Weight of the newest frame in the smoothed energy. */
const SMOOTHING = 0.25;
/** A minimum is below the mean of the noise by about this factor. */
const MINIMUM_BIAS = 1.7;
/** Until the noise is known, it is taken to be at most so much, relative to the peak energy of speech: −30 dB. */
const ASSUMED_SHARE = 1e-3;
/** After so many windows (2 s) the minimum is taken in any case: speech has had a pause by then. */
const UNKNOWN_WINDOWS = 4;
/** The first frames of a window do not count for its steadiness: a microphone that is switched on clicks. */
const UNCOUNTED_FRAMES = 9;
/**
 * A window is steady noise when the levels of its bands deviate by less than this on average, dB. Measured: white and pink
 * noise 1.8–2.3, speech 8–38, speech in white noise of 15 dB 5–8.
 */
const STEADY_DB = 3.5;

/**
 * Estimates the noise per band by minimum statistics, because an average would rise during speech. A stream may begin within
 * steady noise or within speech: the minimum of its first windows is the noise only if they are steady.
 */
export class NoiseFloor {
  /** Estimated noise per band, as of the last frame. */
  readonly noise = new Float32Array(TUNING.bands);
  readonly #assumed: number;
  readonly #minima: Float32Array[] = [];
  readonly #deviation = new Deviation();
  #smoothed: Float32Array | undefined;
  #current: Float32Array | undefined;
  #frames = 0;
  #known = false;
  #startedSteady = false;

  /** @param level expected peak energy of speech, summed over the bands */
  constructor(level: number) {
    this.#assumed = (level * ASSUMED_SHARE) / TUNING.bands;
  }

  /** Whether the first window, now complete, was steady noise: what was taken for speech in it was none. */
  get startedSteady(): boolean {
    return this.#startedSteady;
  }

  next(energies: Float32Array): void {
    this.#smoothed ??= energies.slice();
    this.#current ??= energies.slice();
    const [smoothed, current] = [this.#smoothed, this.#current];
    for (let band = 0; band < energies.length; band++) {
      const before = smoothed[band] as number;
      const value = before + SMOOTHING * ((energies[band] as number) - before);
      smoothed[band] = value;
      if (value < (current[band] as number)) current[band] = value;
      let minimum = current[band] as number;
      for (const window of this.#minima) minimum = Math.min(minimum, window[band] as number);
      if (!this.#known) minimum = Math.min(minimum, this.#assumed);
      this.noise[band] = minimum * MINIMUM_BIAS;
    }
    if (!this.#known && this.#frames % WINDOW_FRAMES >= UNCOUNTED_FRAMES) this.#deviation.add(energies);
    if (++this.#frames % WINDOW_FRAMES === 0) this.#endWindow(smoothed, current);
  }

  #endWindow(smoothed: Float32Array, current: Float32Array): void {
    this.#minima.push(current);
    if (this.#minima.length > WINDOWS) this.#minima.shift();
    this.#current = smoothed.slice();
    if (this.#known) return;
    const steady = this.#deviation.takeDb() < STEADY_DB;
    this.#startedSteady ||= steady && this.#frames === WINDOW_FRAMES;
    this.#known = steady || this.#frames >= UNKNOWN_WINDOWS * WINDOW_FRAMES;
  }
}

/** Standard deviation of the level of each band over some frames, dB. */
class Deviation {
  readonly #sums = new Float64Array(TUNING.bands);
  readonly #squares = new Float64Array(TUNING.bands);
  #frames = 0;

  add(energies: Float32Array): void {
    for (const [band, energy] of energies.entries()) {
      const db = 10 * Math.log10(energy);
      this.#sums[band] = (this.#sums[band] as number) + db;
      this.#squares[band] = (this.#squares[band] as number) + db * db;
    }
    this.#frames++;
  }

  /** @returns the mean over the bands; the next frame begins anew */
  takeDb(): number {
    const count = this.#frames;
    const total = this.#sums.reduce((all, sum, band) => {
      const variance = (this.#squares[band] as number) / count - (sum / count) ** 2;
      return all + Math.sqrt(Math.max(0, variance));
    }, 0);
    this.#sums.fill(0);
    this.#squares.fill(0);
    this.#frames = 0;
    return total / TUNING.bands;
  }
}
