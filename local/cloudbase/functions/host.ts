import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../lib/clock.ts';
import { newId } from '../ids.ts';
import type { FunctionSettings } from '../rc.ts';
import { FunctionFailure } from './failure.ts';
import { type Caller, contextEnvironment, eventFor } from './identity.ts';
import { Instance } from './instance.ts';
import { Pool, type PoolLimits } from './pool.ts';

export interface HostOptions {
  /** One built folder per function, `<name>/index.js`. */
  folder: string | undefined;
  settings: ReadonlyMap<string, FunctionSettings>;
  /** What every function finds in its environment. */
  environment: () => Record<string, string>;
  modulePaths: readonly string[];
  /** Whether a call, and the start of an instance, ends when it takes too long. */
  timeLimits: boolean;
  limits?: Partial<PoolLimits>;
  clock: Clock;
  log: (entry: Record<string, unknown>) => void;
}

const NAME = /^[A-Za-z][\w-]*$/;
const DEFAULT_TIMEOUT_S = 20;
const MEMORY_MB = 256;
/** Of a request and of an answer, in the cloud (SCF quota, synchronous calls). */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const LIMITS: PoolLimits = { instances: 4, waiting: 200, waitMs: 60_000, idleMs: 60_000 };

/** Runs cloud functions, each instance in a thread of its own. */
export class FunctionHost {
  readonly #options: HostOptions;
  readonly #limits: PoolLimits;
  readonly #pools = new Map<string, { pool: Pool; builtAt: number }>();
  #stopped = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  /** Calls a function; the result is JSON text. @throws FunctionFailure */
  async invoke(name: string, data: unknown, caller: Caller): Promise<string> {
    const requestId = newId();
    const event = withinPayload(JSON.stringify(eventFor(data, caller)), 'event');
    const context = {
      request_id: requestId,
      function_name: name,
      function_version: '$LATEST',
      memory_limit_in_mb: MEMORY_MB,
      time_limit_in_ms: (this.#options.settings.get(name)?.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
      callbackWaitsForEmptyEventLoop: false,
    };
    return await this.#pool(name).use(async (instance) => {
      const startedAt = performance.now();
      try {
        const result = await instance.call(event, context, contextEnvironment(caller, requestId));
        return withinPayload(result, 'result');
      } finally {
        this.#options.log({
          event: 'function.call',
          name,
          requestId,
          tookMs: Math.round(performance.now() - startedAt),
        });
      }
    });
  }

  hasTrigger(name: string, trigger: string): boolean {
    return this.#options.settings.get(name)?.triggers.some((one) => one.name === trigger) ?? false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#pools.values()].map(({ pool }) => pool.stop()));
  }

  /** The pool of a function; built anew since the last call, it gets new instances. */
  #pool(name: string): Pool {
    const folder = this.#options.folder && join(this.#options.folder, name);
    const builtAt =
      folder && NAME.test(name) && !this.#stopped ? modifiedAt(join(folder, 'index.js')) : undefined;
    if (!folder || builtAt === undefined)
      throw new FunctionFailure('not-found', `FunctionName parameter could not be found: ${name}`);
    const known = this.#pools.get(name);
    if (known?.builtAt === builtAt) return known.pool;
    known?.pool.retire();
    const pool = new Pool(this.#limits, this.#options.clock, (onExit) => this.#start(name, folder, onExit));
    this.#pools.set(name, { pool, builtAt });
    return pool;
  }

  async #start(name: string, folder: string, onExit: () => void): Promise<Instance> {
    const startedAt = performance.now();
    const instance = await Instance.start({
      name,
      folder,
      environment: { ...this.#options.environment(), ...this.#options.settings.get(name)?.envVariables },
      modulePaths: this.#options.modulePaths,
      memoryMb: MEMORY_MB,
      timeLimits: this.#options.timeLimits,
      onLog: (line) => this.#options.log({ event: 'function.log', name, line }),
      onExit,
    });
    this.#options.log({
      event: 'function.cold-start',
      name,
      tookMs: Math.round(performance.now() - startedAt),
    });
    return instance;
  }
}

/** Epoch ms; undefined: there is no such file. */
const modifiedAt = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

function withinPayload(json: string, what: string): string {
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_PAYLOAD_BYTES)
    throw new FunctionFailure('too-large', `${what} is ${bytes} bytes, at most ${MAX_PAYLOAD_BYTES}`);
  return json;
}
