/** Time and chance, injected so that waiting and jitter can be tested without waiting. */
export interface Clock {
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Epoch ms. */
  now(): number;
  /** 0 ≤ x < 1. */
  random(): number;
}

// Declared here: the mini-program runtime has them as scoped names, not as properties of a global object.
declare function setTimeout(fn: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** Looked up at every call, so that a page or a test that replaces the timers is obeyed. */
export const systemClock: Clock = {
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  now: () => Date.now(),
  random: () => Math.random(),
};
