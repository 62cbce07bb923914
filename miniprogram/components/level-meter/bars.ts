const BARS = 28;
/** Silence is drawn as a dot. */
const MIN_HEIGHT = 0.06;

export interface Bar {
  /** Position, the key of the list item. */
  at: number;
  /** 0 … 1. */
  height: number;
}

/** The bars before anything was heard. */
export const SILENT_BARS: readonly Bar[] = Array.from({ length: BARS }, (_, at) => ({
  at,
  height: MIN_HEIGHT,
}));

/** The loudness of the last ~3 s, for the meter, newest last. */
export class LevelBars {
  #bars = SILENT_BARS;

  /** @param level 0 … 1, ten a second. @returns all bars, a new array */
  add(level: number): readonly Bar[] {
    const newest = Math.max(MIN_HEIGHT, Math.round(level * 100) / 100);
    const heights = [...this.#bars.slice(1).map(({ height }) => height), newest];
    this.#bars = heights.map((height, at) => ({ at, height }));
    return this.#bars;
  }
}
