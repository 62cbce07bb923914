import type { Clock } from '../../../lib/clock.ts';
import { Deferred } from '../../../lib/deferred.ts';
import { FunctionFailure } from './failure.ts';
import type { Instance } from './instance.ts';

export interface PoolLimits {
  instances: number;
  /** Calls that may wait for an instance. */
  waiting: number;
  waitMs: number;
  /** An instance without calls for this long is ended. */
  idleMs: number;
}

/** The instances of one function; each runs one call at a time. */
export class Pool {
  readonly #limits: PoolLimits;
  readonly #clock: Clock;
  readonly #start: (onExit: () => void) => Promise<Instance>;
  /** With what cancels the end of each. */
  readonly #idle = new Map<Instance, () => void>();
  readonly #all = new Set<Instance>();
  #starting = 0;
  #waiting: Deferred<void>[] = [];
  #retired = false;

  constructor(limits: PoolLimits, clock: Clock, start: (onExit: () => void) => Promise<Instance>) {
    this.#limits = limits;
    this.#clock = clock;
    this.#start = start;
  }

  get size(): number {
    return this.#all.size + this.#starting;
  }

  async use<T>(work: (instance: Instance) => Promise<T>): Promise<T> {
    const instance = await this.#borrow();
    try {
      return await work(instance);
    } finally {
      this.#giveBack(instance);
    }
  }

  /** Ends the instances without calls now, the others after theirs. */
  retire(): void {
    this.#retired = true;
    for (const [instance, cancelEnd] of this.#idle) {
      cancelEnd();
      void instance.terminate();
    }
    this.#idle.clear();
  }

  async stop(): Promise<void> {
    for (const cancelEnd of this.#idle.values()) cancelEnd();
    this.#idle.clear();
    await Promise.all([...this.#all].map((instance) => instance.terminate()));
  }

  async #borrow(): Promise<Instance> {
    const deadline = this.#clock.now() + this.#limits.waitMs;
    for (;;) {
      for (const [instance, cancelEnd] of this.#idle) {
        cancelEnd();
        this.#idle.delete(instance);
        if (instance.alive) return instance;
      }
      if (this.size < this.#limits.instances) return await this.#startOne();
      await this.#waitForInstance(deadline);
    }
  }

  async #startOne(): Promise<Instance> {
    this.#starting++;
    try {
      let instance: Instance | undefined;
      instance = await this.#start(() => {
        if (instance) this.#all.delete(instance);
        this.#next();
      });
      this.#all.add(instance);
      return instance;
    } finally {
      this.#starting--;
      if (this.size < this.#limits.instances) this.#next();
    }
  }

  async #waitForInstance(deadline: number): Promise<void> {
    if (this.#waiting.length >= this.#limits.waiting)
      throw new FunctionFailure('overloaded', 'too many calls are waiting');
    const free = new Deferred<void>();
    this.#waiting.push(free);
    const cancelTimeout = this.#clock.after(deadline - this.#clock.now(), () => {
      this.#waiting = this.#waiting.filter((other) => other !== free);
      free.reject(new FunctionFailure('overloaded', 'no instance became free in time'));
    });
    await free.promise.finally(cancelTimeout);
  }

  #giveBack(instance: Instance): void {
    if (this.#retired) void instance.terminate();
    else if (instance.alive) {
      const cancelEnd = this.#clock.after(this.#limits.idleMs, () => {
        this.#idle.delete(instance);
        void instance.terminate();
      });
      this.#idle.set(instance, cancelEnd);
    }
    this.#next();
  }

  #next(): void {
    this.#waiting.shift()?.resolve();
  }
}
