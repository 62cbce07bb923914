import { type Clock, systemClock } from '../../lib/clock.ts';
import { stateTable } from '../../lib/state-table.ts';
import type { ManagedProcess, ProcessSpec } from './managed-process.ts';

/** Waits before the restarts of a container that crashes, ms; after the last one it is not restarted any more. */
export const RESTART_DELAYS_MS = [200, 500, 1_000, 2_000, 5_000] as const;
/** A crash that comes later than this after the one before it counts as the first, ms. */
export const FORGET_CRASHES_AFTER_MS = 60_000;

/**
 * `waiting`: it has crashed, a restart is scheduled; `failed`: it has crashed too often, only a new build starts it
 * again; `stopped`: final.
 */
export type ContainerState = 'idle' | 'starting' | 'running' | 'waiting' | 'failed' | 'stopped';
/** `crashed`: it ended though nobody asked it to, or did not become ready; `gaveUp`: it has crashed too often. */
export type ContainerEvent = 'startRequested' | 'ready' | 'crashed' | 'gaveUp' | 'stopRequested';

/** `none`: the event is ignored. */
// biome-ignore format: read as a table
export const CONTAINER_TABLE = stateTable<ContainerState, ContainerEvent, ContainerState | 'none'>(
                  ['idle',     'starting', 'running',  'waiting',  'failed',   'stopped'], {
  startRequested: ['starting', 'none',     'starting', 'starting', 'starting', 'none'],
  ready:          ['none',     'running',  'none',     'none',     'none',     'none'],
  crashed:        ['none',     'waiting',  'waiting',  'none',     'none',     'none'],
  gaveUp:         ['none',     'none',     'none',     'failed',   'none',     'none'],
  stopRequested:  ['stopped',  'stopped',  'stopped',  'stopped',  'stopped',  'none'],
});

/** How long to wait after each crash. */
export class RestartBackoff {
  #crashes = 0;
  #lastCrashAt = Number.NEGATIVE_INFINITY;

  /** Counts a crash at `now`, ms. @returns the wait before the restart, ms; null: it has crashed too often */
  next(now: number): number | null {
    if (now - this.#lastCrashAt >= FORGET_CRASHES_AFTER_MS) this.#crashes = 0;
    this.#lastCrashAt = now;
    return RESTART_DELAYS_MS[this.#crashes++] ?? null;
  }

  reset(): void {
    this.#crashes = 0;
  }
}

/** The part of a process that is used here. */
export type ContainerProcess = Pick<ManagedProcess, 'url' | 'start' | 'stop' | 'signal' | 'lastLines'>;

export interface SupervisorOptions {
  /** What happens, for people. */
  report: (text: string) => void;
  /** It has crashed and is not restarted; called at most once for each series of crashes. */
  onGiveUp: (reason: string) => void;
  clock?: Clock;
}

/** A container that is restarted when it crashes, with growing waits, and when it was built again. */
export class SupervisedContainer {
  readonly #spec: ProcessSpec;
  readonly #process: ContainerProcess;
  readonly #options: SupervisorOptions;
  readonly #clock: Clock;
  readonly #backoff = new RestartBackoff();
  #state: ContainerState = 'idle';
  #cancelRestart = (): void => {};
  /** The newest start, stop or restart: each waits for the one before it. */
  #pending: Promise<void> = Promise.resolve();

  /** @param createProcess its argument is called when the process ends though nobody asked it to */
  constructor(
    spec: ProcessSpec,
    createProcess: (onExit: (how: string) => void) => ContainerProcess,
    options: SupervisorOptions,
  ) {
    this.#spec = spec;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#process = createProcess((how) => this.#crashed(how));
  }

  get state(): ContainerState {
    return this.#state;
  }

  get url(): string {
    return this.#process.url;
  }

  /** The first start. @throws ProcessStartError: it is not tried again */
  async start(): Promise<void> {
    if (!this.#transition('startRequested')) return;
    await this.#process.start();
    this.#transition('ready');
  }

  /** Ends it, then starts what was built meanwhile. Resolves when it listens, or has failed to. */
  restart(): Promise<void> {
    return this.#enqueue(async () => {
      this.#cancelRestart();
      this.#backoff.reset();
      await this.#process.stop();
      await this.#startAgain();
    });
  }

  /**
   * Kills it without notice, because somebody wants to see what happens then; it starts again as after a crash, but is never
   * given up for it. @returns false: it is not running
   */
  kill(): boolean {
    if (this.#state !== 'running') return false;
    this.#backoff.reset();
    this.#process.signal('SIGKILL');
    return true;
  }

  /** Ends it for good. */
  stop(): Promise<void> {
    this.#transition('stopRequested');
    this.#cancelRestart();
    return this.#process.stop();
  }

  /** The only place that changes the state. @returns whether the event counts in this state */
  #transition(event: ContainerEvent): boolean {
    const next = CONTAINER_TABLE.next(this.#state, event);
    if (next === 'none') return false;
    this.#state = next;
    return true;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#pending = this.#pending.then(work);
    return this.#pending;
  }

  async #startAgain(): Promise<void> {
    if (!this.#transition('startRequested')) return;
    try {
      await this.#process.start();
    } catch {
      this.#crashed('没有启动');
      return;
    }
    if (this.#transition('ready')) this.#options.report(`  ${this.#spec.label}已恢复`);
  }

  #crashed(how: string): void {
    if (!this.#transition('crashed')) return;
    const { report, onGiveUp } = this.#options;
    const { label, logPath } = this.#spec;
    const delayMs = this.#backoff.next(this.#clock.now());
    if (delayMs === null) {
      this.#transition('gaveUp');
      onGiveUp([`${label}反复退出（${how}）。日志：${logPath}`, ...this.#process.lastLines].join('\n'));
      return;
    }
    const again = `${delayMs} ms 后重新启动……`;
    // the log is shown once in a series of crashes
    if (delayMs === RESTART_DELAYS_MS[0])
      report([`${label}意外退出（${how}）。日志：${logPath}`, ...this.#process.lastLines, again].join('\n'));
    else report(`${label}又意外退出（${how}），${again}`);
    this.#cancelRestart = this.#clock.after(delayMs, () => {
      void this.#enqueue(async () => {
        if (this.#state === 'waiting') await this.#startAgain();
      });
    });
  }
}
