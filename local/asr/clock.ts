/** Time, injected so that rules about it can be tested without waiting. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Runs `action` once after `ms`; returns what takes it back. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
