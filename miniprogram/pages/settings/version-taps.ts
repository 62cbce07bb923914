/** Taps on the version that open the developer page. */
const TAPS = 7;
/** From so many taps on the user is told how many are left. */
const TOLD_FROM = 4;
/** Taps further apart do not belong together, ms. */
const APART_MS = 3_000;

/** Counts taps that follow each other. */
export class VersionTaps {
  readonly #now: () => number;
  #count = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns how many are left; 0: the page is to be opened, and counting begins again */
  tap(): number {
    const now = this.#now();
    this.#count = now - this.#lastAt > APART_MS ? 1 : this.#count + 1;
    this.#lastAt = now;
    const left = TAPS - this.#count;
    if (left === 0) this.#count = 0;
    return left;
  }
}

/** What is said of the taps that are left; nothing to who has tapped once or twice by chance. */
export const hintOf = (left: number): string =>
  left === 0 || left > TAPS - TOLD_FROM ? '' : `再点 ${left} 次，打开开发者页`;
