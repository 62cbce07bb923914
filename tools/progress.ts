import type { Clock } from '../lib/clock.ts';

/** A step that takes longer than this is named, ms, and then again after each interval. */
const NAME_AFTER_MS = 2_000;
const REPEAT_EVERY_MS = 10_000;

/** Says what a tool is doing when people have to wait for it. */
export class Progress {
  readonly #clock: Clock;
  readonly #print: (line: string) => void;
  #cancel = (): void => {};

  constructor(clock: Clock, print: (line: string) => void) {
    this.#clock = clock;
    this.#print = print;
  }

  /** What is being done from now on: 正在…… */
  step(text: string): void {
    this.end();
    const startedAt = this.#clock.now();
    const tell = (): void => {
      const seconds = Math.round((this.#clock.now() - startedAt) / 1000);
      this.#print(`${text}……（已 ${seconds} 秒）`);
      this.#cancel = this.#clock.after(REPEAT_EVERY_MS, tell);
    };
    this.#cancel = this.#clock.after(NAME_AFTER_MS, tell);
  }

  /** Nothing more to wait for, or the tool says itself how far it is. */
  end(): void {
    this.#cancel();
    this.#cancel = () => {};
  }
}
