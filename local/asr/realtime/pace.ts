/** Notices when more audio arrives within a sliding window of time than the service takes. */
export class PaceMeter {
  readonly #windowMs: number;
  readonly #maxAudioMs: number;
  readonly #arrivals: { at: number; audioMs: number }[] = [];
  #sumMs = 0;

  constructor(windowMs: number, maxAudioMs: number) {
    this.#windowMs = windowMs;
    this.#maxAudioMs = maxAudioMs;
  }

  /** Whether the limit is exceeded by this arrival. */
  exceeds(audioMs: number, now: number): boolean {
    this.#arrivals.push({ at: now, audioMs });
    this.#sumMs += audioMs;
    while ((this.#arrivals[0]?.at ?? now) <= now - this.#windowMs) {
      this.#sumMs -= this.#arrivals.shift()?.audioMs ?? 0;
    }
    return this.#sumMs > this.#maxAudioMs;
  }
}
