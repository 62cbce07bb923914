const BARS = 28;
/** Silence is drawn as a dot. */
const MIN_HEIGHT = 0.06;

/** The bars before anything was heard. */
export const SILENT_BARS: readonly number[] = new Array<number>(BARS).fill(MIN_HEIGHT);

/** The loudness of the last ~3 s, for the meter: heights from 0 to 1, newest last. */
export class LevelBars {
  #bars = SILENT_BARS;

  /** @param level 0 … 1, ten a second. @returns all bars, a new array */
  add(level: number): readonly number[] {
    const newest = Math.max(MIN_HEIGHT, Math.round(level * 100) / 100);
    this.#bars = [...this.#bars.slice(1), newest];
    return this.#bars;
  }
}
