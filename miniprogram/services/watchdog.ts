import type { Clock } from '../../lib/clock.ts';

/** Barks where a sign of life is due and does not come: a half-open connection looks well for a long time. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #bark: () => void;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, bark: () => void) {
    this.#clock = clock;
    this.#bark = bark;
  }

  /** A sign of life is due within `ms` from now, if it was not due already. */
  expect(ms: number): void {
    this.#cancel ??= this.#clock.after(ms, () => {
      this.#cancel = null;
      this.#bark();
    });
  }

  /** It came, or is not due any more. */
  calm(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
