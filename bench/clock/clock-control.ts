import type { Child } from '../processes/child.ts';
import { type ClockStart, type Grant, scaledMsAt } from './scaled-time.ts';

/**
 * Time passes by so much before every process has answered again, ms of scaled time: what takes some turns of some processes, such as
 * a handshake, takes a few of these, which is less than anybody waits for. Less than what the container may send at once after a rest
 * (`burstMs`, 300): with longer steps it could not keep up with the speech.
 */
const AHEAD_MS = 150;
/** A grant is renewed when so much of it has passed, ms. */
const RENEW_AFTER_MS = 75;
const NS_PER_MS = 1_000_000;

const realNowMs = (): number => Number(process.hrtime.bigint()) / NS_PER_MS;
const realSleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The common time of some child processes, see `preload.ts`. It stands still until {@link run}. */
export class ClockControl {
  readonly #start: ClockStart;
  readonly #children: Child[] = [];
  #granted: Grant;
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(speed: number) {
    const now = Date.now();
    this.#granted = { fromRealMs: realNowMs(), scaledMs: now, untilMs: now };
    this.#start = { speed, first: this.#granted };
  }

  /** For the environment of each process. */
  get env(): { BENCH_CLOCK: string } {
    return { BENCH_CLOCK: JSON.stringify(this.#start) };
  }

  /** Ms since the epoch. */
  get nowMs(): number {
    return scaledMsAt(this.#granted, this.#start.speed, realNowMs());
  }

  /** Processes that were started with {@link env}; before the clock runs. */
  add(...children: Child[]): void {
    this.#children.push(...children);
  }

  run(): void {
    this.#stopping = false;
    this.#running ??= this.#grantOnAndOn();
    // told by `stop`
    this.#running.catch(() => undefined);
  }

  /** Resolves when time stands still. @throws Error a process has ended */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    this.#running = undefined;
  }

  async #grantOnAndOn(): Promise<void> {
    const { speed } = this.#start;
    while (!this.#stopping) {
      const scaledMs = this.nowMs;
      this.#granted = { fromRealMs: realNowMs(), scaledMs, untilMs: scaledMs + AHEAD_MS };
      const { fromRealMs } = this.#granted;
      await Promise.all(this.#children.map((child) => child.ask('grant', this.#granted)));
      const restMs = RENEW_AFTER_MS / speed - (realNowMs() - fromRealMs);
      if (restMs > 0) await realSleep(restMs);
    }
    while (this.nowMs < this.#granted.untilMs) await realSleep(AHEAD_MS / speed);
  }
}
