import { NoiseFloor } from './noise-floor.ts';
import { TUNING } from './tuning.ts';

/**
 * Detects speech per frame of 20 ms, by the mean signal-to-noise ratio of the bands, over a noise floor with a lower limit
 * relative to the running speech level.
 */
export class SpeechDetector {
  readonly #floor: NoiseFloor;
  #level: number;

  /** @param level expected peak energy of speech, summed over the bands */
  constructor(level: number) {
    this.#level = level;
    this.#floor = new NoiseFloor(level);
  }

  /** Estimated noise per band, as of the last frame. */
  get noise(): Float32Array {
    return this.#floor.noise;
  }

  /** Whether the stream began with steady noise, once that is known: what was taken for speech before was none. */
  get startedSteady(): boolean {
    return this.#floor.startedSteady;
  }

  /** @returns whether the next frame contains speech */
  next(energies: Float32Array): boolean {
    this.#floor.next(energies);
    const { noise } = this.#floor;
    const floor = (this.#level * TUNING.relativeFloor) / TUNING.bands;
    let total = 0;
    let snrDb = 0;
    for (let band = 0; band < energies.length; band++) {
      const energy = energies[band] as number;
      total += energy;
      snrDb += Math.max(0, 10 * Math.log10((energy + floor) / ((noise[band] as number) + floor)));
    }
    const speech = snrDb / TUNING.bands > TUNING.speechSnrDb;
    if (speech) this.#level = Math.max(this.#level * 0.998, Math.min(total, this.#level * 4));
    return speech;
  }
}
