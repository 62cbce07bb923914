import { STALE_TRIES } from './retry.ts';

interface Knowledge {
  committedPos: number;
  settledIndex: number;
}

/**
 * Knows an instance that lost the session to another one without having noticed: what was stored once is stored for ever, so
 * it knows less than was told before. Going on with it would throw lines away, and call audio lost that was heard.
 */
export class StaleGuard {
  #committedPos = 0;
  #tries = 0;

  /** An instance said that all audio before it is stored. */
  told(committedPos: number): void {
    this.#committedPos = Math.max(this.#committedPos, committedPos);
  }

  /** Whether to leave the instance that answered so. Not without end: the record itself may have gone back. */
  leaves(answer: Knowledge, settledIndex: number): boolean {
    const stale = answer.committedPos < this.#committedPos || answer.settledIndex < settledIndex;
    this.#tries = stale ? this.#tries + 1 : 0;
    return stale && this.#tries <= STALE_TRIES;
  }
}
