import type { Clock } from '../../../lib/clock.ts';

/** Detects half-open connections, which report no error for minutes: calls `expired` when a message is due and none arrives. */
export class InactivityTimer {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** A message is due within `ms` from now. Does nothing while the timer runs. */
  expect(ms: number): void {
    this.#cancel ??= this.#clock.after(ms, () => {
      this.#cancel = null;
      this.#expired();
    });
  }

  /** A message arrived, or none is due any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}

/**
 * Number of stale answers in a row that are rejected, with backoff about 20 s in all: within that time an instance notices that
 * it has lost the session. The next answer is accepted, since the record itself may have been set back.
 */
const MAX_STALE_ANSWERS = 8;

/**
 * Detects an instance that has lost the session to another one and has not noticed it. Stored audio stays stored, so positions
 * lower than those reported before show such an instance. Continuing with it would drop lines that are in the record and report
 * recognised audio as lost.
 */
export class StaleInstanceCheck {
  #committedPos = 0;
  #staleAnswers = 0;

  /** An instance has reported that all audio before `pos` is stored. */
  committed(pos: number): void {
    this.#committedPos = Math.max(this.#committedPos, pos);
  }

  /** Whether an answer of `start` is to be rejected as stale. @param settledIndex newest line known to be stored */
  isStale(answer: { committedPos: number; settledIndex: number }, settledIndex: number): boolean {
    const stale = answer.committedPos < this.#committedPos || answer.settledIndex < settledIndex;
    this.#staleAnswers = stale ? this.#staleAnswers + 1 : 0;
    return stale && this.#staleAnswers <= MAX_STALE_ANSWERS;
  }
}
