/** The runtime's own numbers in [0, 1), for those who need no seed. */
export const systemRandom = (): number => Math.random();

/**
 * Numbers in [0, 1), the same for the same seed.
 * @param seed 32 bits are used
 * @returns a generator (mulberry32)
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random choices from a seed. `fork` gives an independent stream for a name: drawing more in one changes no other. */
export class Random {
  /** In [0, 1). */
  readonly next: () => number;
  private readonly key: string;

  constructor(key: string) {
    this.key = key;
    this.next = seededRandom(fnv1a(key));
  }

  fork(name: string): Random {
    return new Random(`${this.key}/${name}`);
  }

  /** A whole number from `min` up to and including `max`. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)] as T;
  }
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function fnv1a(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
