import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { FunctionFailure } from './failure.ts';
import { CONTEXT_NAMES } from './identity.ts';

export interface InstanceOptions {
  name: string;
  folder: string;
  environment: Record<string, string>;
  /** Folders with packages that the function may use besides its own. */
  modulePaths: readonly string[];
  memoryMb: number;
  /** False: starting and calls may take any time. */
  timeLimits: boolean;
  onLog: (line: string) => void;
  onExit: () => void;
}

/** What a thread answers. */
type Message = { ready: true } | { result: string } | { failure: { message: string; stack?: string } };

const START_TIMEOUT_MS = 30_000;
const WORKER_FILE = new URL('./worker.cjs', import.meta.url);

/** One instance of a function: a thread that runs one call at a time. Whatever fails in it ends only this thread. */
export class Instance {
  readonly #worker: Worker;
  readonly #options: InstanceOptions;
  #settle: ((outcome: Message | Error) => void) | undefined;
  #exited = false;

  private constructor(options: InstanceOptions) {
    this.#options = options;
    this.#worker = new Worker(WORKER_FILE, {
      // shown by debuggers
      name: `function ${options.name}`,
      env: options.environment,
      execArgv: [],
      workerData: { folder: options.folder, modulePaths: options.modulePaths, contextNames: CONTEXT_NAMES },
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
      stdout: true,
      stderr: true,
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      createInterface({ input: stream }).on('line', options.onLog);
    this.#worker.on('message', (message: Message) => this.#settle?.(message));
    this.#worker.on('error', (cause) => {
      options.onLog(cause.stack ?? String(cause));
      this.#settle?.(cause);
    });
    this.#worker.on('exit', (code) => {
      this.#exited = true;
      this.#settle?.(new Error(`function exited with code ${code}`));
      options.onExit();
    });
  }

  /** Starts a thread and loads the function. */
  static async start(options: InstanceOptions): Promise<Instance> {
    const instance = new Instance(options);
    try {
      const message = await instance.#outcome(START_TIMEOUT_MS, () => {});
      if ('failure' in message)
        throw new FunctionFailure('failed', message.failure.stack ?? message.failure.message);
      return instance;
    } catch (cause) {
      await instance.terminate();
      throw cause;
    }
  }

  get alive(): boolean {
    return !this.#exited;
  }

  /** Runs one call; `event` and the result are JSON. An instance that exceeded its time or failed is ended. */
  async call(
    event: string,
    context: { time_limit_in_ms: number },
    environment: Record<string, string>,
  ): Promise<string> {
    const message = await this.#outcome(context.time_limit_in_ms, () =>
      this.#worker.postMessage({ event, context, environment }),
    );
    if ('result' in message) return message.result;
    const failure = 'failure' in message ? message.failure : { message: 'no result' };
    if (failure.stack) this.#options.onLog(failure.stack);
    throw new FunctionFailure('failed', failure.message);
  }

  async terminate(): Promise<void> {
    if (!this.#exited) await this.#worker.terminate();
  }

  async #outcome(timeoutMs: number, begin: () => void): Promise<Message> {
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<Message | Error>((resolve) => {
      this.#settle = resolve;
      const seconds = timeoutMs / 1000;
      const late = new FunctionFailure('timeout', `Invoking task timed out after ${seconds} seconds`);
      if (this.#options.timeLimits) timer = setTimeout(() => resolve(late), timeoutMs);
      begin();
    });
    clearTimeout(timer);
    this.#settle = undefined;
    if (!(outcome instanceof Error)) return outcome;
    await this.terminate();
    if (outcome instanceof FunctionFailure) throw outcome;
    throw new FunctionFailure('failed', `${outcome.name}: ${outcome.message}`);
  }
}
