/** Real time, as it is taken from the runtime. */
export interface RealTime {
  /** Of a clock that all processes of the machine share and that never goes back, ms. */
  nowMs(): number;
  setTimeout(fn: () => void, ms: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout): void;
}

/** Leave for time to pass: at `fromRealMs` it is `scaledMs` (since the epoch), and it passes until it is `untilMs`, where it stands still. */
export interface Grant {
  fromRealMs: number;
  scaledMs: number;
  untilMs: number;
}

export interface ClockStart {
  /** Ms of scaled time in a ms of real time. */
  speed: number;
  first: Grant;
}

/** @returns ms since the epoch */
export const scaledMsAt = ({ fromRealMs, scaledMs, untilMs }: Grant, speed: number, realMs: number): number =>
  Math.min(untilMs, scaledMs + (realMs - fromRealMs) * speed);

/** The longest timer of Node.js, ms; a longer one fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Time that passes faster than real time, with its timers. It passes only as far as it was granted: processes that begin with the same
 * `ClockStart` and are given the same grants agree on what time it is, and while one of them waits for a core it passes for none.
 */
export class ScaledTime {
  readonly #real: RealTime;
  readonly #speed: number;
  readonly #timers = new Map<number, ScaledTimer>();
  /** Timers that wait for the next grant. */
  #waiting: ScaledTimer[] = [];
  #granted: Grant;
  #timersMade = 0;

  constructor(real: RealTime, { speed, first }: ClockStart) {
    this.#real = real;
    this.#speed = speed;
    this.#granted = first;
  }

  /** Ms since the epoch. */
  nowMs(): number {
    return scaledMsAt(this.#granted, this.#speed, this.#real.nowMs());
  }

  grant(grant: Grant): void {
    this.#granted = grant;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const timer of waiting) timer.arm();
  }

  /** Timers that are set, those included that do not keep the process alive. */
  get pending(): number {
    return this.#timers.size;
  }

  setTimer(fn: () => void, ms: number, repeats: boolean): ScaledTimer {
    const id = ++this.#timersMade;
    const delayMs = ms >= 1 && ms <= MAX_TIMEOUT_MS ? ms : 1;
    const timer = new ScaledTimer({ time: this, real: this.#real, id, fn, delayMs, repeats });
    timer.refresh();
    return timer;
  }

  /** Of whatever `setTimer` returned, or of its number. */
  clearTimer(timer: unknown): void {
    const known = timer instanceof ScaledTimer ? timer : this.#timers.get(Number(timer));
    known?.close();
  }

  /** @internal Real ms until `scaledMs`; undefined: not before the next grant, and `timer` is armed by it. */
  realMsUntil(scaledMs: number, timer: ScaledTimer): number | undefined {
    const now = this.nowMs();
    if (now >= scaledMs || now < this.#granted.untilMs)
      return Math.max(1, Math.ceil((scaledMs - now) / this.#speed));
    this.#waiting.push(timer);
    return undefined;
  }

  /** @internal */
  keep(timer: ScaledTimer): void {
    this.#timers.set(timer.id, timer);
  }

  /** @internal */
  forget(timer: ScaledTimer): void {
    this.#timers.delete(timer.id);
  }
}

interface TimerInit {
  time: ScaledTime;
  real: RealTime;
  id: number;
  fn: () => void;
  delayMs: number;
  repeats: boolean;
}

/** What `setTimeout` and `setInterval` return, with the methods of Node's own. */
export class ScaledTimer {
  readonly #init: TimerInit;
  #native: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #keepsAlive = true;
  #closed = false;

  constructor(init: TimerInit) {
    this.#init = init;
  }

  get id(): number {
    return this.#init.id;
  }

  /** @internal Sets a timer of the runtime for the time that is left. */
  arm(): void {
    const { time, real } = this.#init;
    if (this.#native) real.clearTimeout(this.#native);
    const ms = this.#closed ? undefined : time.realMsUntil(this.#dueMs, this);
    this.#native = ms === undefined ? undefined : real.setTimeout(() => this.#fire(), ms);
    if (!this.#keepsAlive) this.#native?.unref();
  }

  refresh(): this {
    const { time, delayMs } = this.#init;
    this.#dueMs = time.nowMs() + delayMs;
    this.#closed = false;
    time.keep(this);
    this.arm();
    return this;
  }

  close(): this {
    const { time, real } = this.#init;
    if (this.#native) real.clearTimeout(this.#native);
    this.#native = undefined;
    this.#closed = true;
    time.forget(this);
    return this;
  }

  ref(): this {
    this.#keepsAlive = true;
    this.#native?.ref();
    return this;
  }

  unref(): this {
    this.#keepsAlive = false;
    this.#native?.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#keepsAlive;
  }

  [Symbol.toPrimitive](): number {
    return this.id;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #fire(): void {
    const { time, fn, repeats } = this.#init;
    // a timer of the runtime may be early by a part of a ms, which is more of scaled time
    if (time.nowMs() < this.#dueMs) {
      this.arm();
      return;
    }
    if (repeats) this.refresh();
    else this.close();
    fn();
  }
}
