import type { Clock } from '../../lib/clock.ts';

/** Calls back when a message is due and none comes: a half-open connection reports no error for a long time. */
export class InactivityTimer {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** A message is due within `ms` from now; does nothing where one was due already. */
  expect(ms: number): void {
    this.#cancel ??= this.#clock.after(ms, () => {
      this.#cancel = null;
      this.#expired();
    });
  }

  /** A message came, or none is due any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}

/**
 * How often an instance that knows less than we were told is left again, by backoff (about 20 s in all): by then it has
 * noticed that the session is another's. After that it is believed, since the record itself may have gone back.
 */
const MAX_STALE_ANSWERS = 8;

/**
 * Recognises an instance that lost the session to another one without having noticed. What was stored once stays stored, so
 * such an instance knows less than we were told before. To go on with it would drop lines that are in the record, and count
 * audio as lost that was recognised.
 */
export class StaleInstanceCheck {
  #committedPos = 0;
  #staleAnswers = 0;

  /** An instance said that all audio before it is stored. */
  committed(pos: number): void {
    this.#committedPos = Math.max(this.#committedPos, pos);
  }

  /** Whether the instance that answered `start` so is to be left. @param settledIndex newest line known to be stored */
  isStale(answer: { committedPos: number; settledIndex: number }, settledIndex: number): boolean {
    const stale = answer.committedPos < this.#committedPos || answer.settledIndex < settledIndex;
    this.#staleAnswers = stale ? this.#staleAnswers + 1 : 0;
    return stale && this.#staleAnswers <= MAX_STALE_ANSWERS;
  }
}
