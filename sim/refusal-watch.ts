/** A client that is told to come again waits about so long; one that was silent for longer had other reasons. */
const COMES_AGAIN_WITHIN_MS = 20_000;
/** Five sessions of one instance that all come at once, at the smallest rate of database requests, and everything twice. */
const SERVED_WITHIN_MS = 30_000;

interface Refused {
  sinceMs: number;
  lastMs: number;
}

/** Whoever comes for a session, again and again, is served in the end, however much is to be stored meanwhile. */
export class RefusalWatch {
  readonly #refused = new Map<string, Refused>();
  readonly #nowMs: () => number;
  readonly #broken: (rule: string, detail: string) => void;

  constructor(nowMs: () => number, broken: (rule: string, detail: string) => void) {
    this.#nowMs = nowMs;
    this.#broken = broken;
  }

  /** A `start` for the session is answered. */
  answered(sessionId: string, answer: { error?: { code?: string } }): void {
    const nowMs = this.#nowMs();
    if (answer.error?.code !== 'BUSY') {
      this.#refused.delete(sessionId);
      return;
    }
    const before = this.#refused.get(sessionId);
    const goesOn = before && nowMs - before.lastMs < COMES_AGAIN_WITHIN_MS;
    const refused = { sinceMs: goesOn ? before.sinceMs : nowMs, lastMs: nowMs };
    this.#refused.set(sessionId, refused);
    const forMs = nowMs - refused.sinceMs;
    if (forMs > SERVED_WITHIN_MS)
      this.#broken('whoever comes is served in the end', `${sessionId}: BUSY for ${forMs} ms`);
  }
}
