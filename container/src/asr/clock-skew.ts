import type { Clock } from '../../../lib/clock.ts';

/** The offset that an address was signed with. */
export interface Signing {
  readonly nowMs: number;
  readonly generation: number;
}

/**
 * The difference between this machine's clock and the service's, for signing. It is zero until a signature was
 * refused; then the service's clock is asked once. It may be asked again only after a signature was accepted, so
 * wrong keys do not retry for ever, and a clock that is set right later does not leave a wrong offset behind.
 */
export class ClockSkew {
  readonly #clock: Clock;
  readonly #serverTime: (signal: AbortSignal) => Promise<number | undefined>;
  #offsetMs = 0;
  #generation = 0;
  #spent = false;

  /** @param serverTime the service's clock in epoch ms, undefined where it gives none; never rejects */
  constructor(clock: Clock, serverTime: (signal: AbortSignal) => Promise<number | undefined>) {
    this.#clock = clock;
    this.#serverTime = serverTime;
  }

  signing(): Signing {
    return { nowMs: this.#clock.now() + this.#offsetMs, generation: this.#generation };
  }

  /** The service accepted what was signed. */
  accepted({ generation }: Signing): void {
    if (generation === this.#generation) this.#spent = false;
  }

  /** The service refused what was signed. Answers whether signing again can help; never rejects. */
  async refused({ generation }: Signing, signal: AbortSignal): Promise<boolean> {
    if (generation !== this.#generation) return true;
    if (this.#spent) return false;
    const serverMs = await this.#serverTime(signal);
    if (serverMs === undefined) return false;
    if (generation === this.#generation) {
      this.#offsetMs = serverMs - this.#clock.now();
      this.#generation += 1;
      this.#spent = true;
    }
    return true;
  }
}
