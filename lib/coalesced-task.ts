/** Runs work one at a time: all calls of `trigger` during a run lead to one more run after it. */
export class CoalescedTask {
  readonly #run: () => Promise<void>;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  /** @param run must not reject */
  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /** Runs now, or once more after the run under way. */
  trigger(): void {
    if (this.#stopped) return;
    if (this.#running) this.#again = true;
    else
      this.#running = this.#run().then(() => {
        this.#running = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.trigger();
      });
  }

  /** Starts no further run; resolves when the run under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}
