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

/** The instances of one function: each is lent to one call at a time. */
export class Pool {
  readonly #limits: PoolLimits;
  readonly #start: (onExit: () => void) => Promise<Instance>;
  readonly #idle = new Map<Instance, NodeJS.Timeout>();
  readonly #all = new Set<Instance>();
  #starting = 0;
  #waiting: (() => void)[] = [];
  #retired = false;

  constructor(limits: PoolLimits, start: (onExit: () => void) => Promise<Instance>) {
    this.#limits = limits;
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
    for (const [instance, timer] of this.#idle) {
      clearTimeout(timer);
      void instance.terminate();
    }
    this.#idle.clear();
  }

  async stop(): Promise<void> {
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    await Promise.all([...this.#all].map((instance) => instance.terminate()));
  }

  async #borrow(): Promise<Instance> {
    const deadline = Date.now() + this.#limits.waitMs;
    for (;;) {
      for (const [instance, timer] of this.#idle) {
        clearTimeout(timer);
        this.#idle.delete(instance);
        if (instance.alive) return instance;
      }
      if (this.size < this.#limits.instances) return await this.#startOne();
      await this.#turn(deadline);
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

  async #turn(deadline: number): Promise<void> {
    if (this.#waiting.length >= this.#limits.waiting)
      throw new FunctionFailure('overloaded', 'too many calls are waiting');
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push(resolve);
      timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== resolve);
        reject(new FunctionFailure('overloaded', 'no instance became free in time'));
      }, deadline - Date.now());
    });
    clearTimeout(timer);
  }

  #giveBack(instance: Instance): void {
    if (this.#retired) void instance.terminate();
    else if (instance.alive) {
      const timer = setTimeout(() => {
        this.#idle.delete(instance);
        void instance.terminate();
      }, this.#limits.idleMs);
      this.#idle.set(instance, timer.unref());
    }
    this.#next();
  }

  #next(): void {
    this.#waiting.shift()?.();
  }
}
