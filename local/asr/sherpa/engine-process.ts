import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { Deferred } from '../../../lib/deferred.ts';
import { stateTable } from '../../../lib/state-table.ts';
import type { RecognitionUpdate } from '../recogniser.ts';

/** A message to the native engine's process. */
export type ToEngine =
  | { type: 'load'; config: Record<string, unknown>; tailMs: number; chunkMs: number }
  | { type: 'open'; id: number }
  | { type: 'audio'; id: number; pcm: Int16Array }
  | { type: 'flush'; id: number }
  | { type: 'close'; id: number };

/** A message from the native engine's process. */
export type FromEngine = { type: 'ready' } | { type: 'update'; id: number; update: RecognitionUpdate };

export interface EngineProcessEvents {
  onUpdate(id: number, update: RecognitionUpdate): void;
  /** The process ended after it was ready. */
  onEnd(error: Error): void;
}

const CHILD = fileURLToPath(new URL('./native-process.ts', import.meta.url));
/** How much of the engine's newest log is kept, characters. */
const STDERR_CHARS = 4_000;
const STOP_LIMIT_MS = 2_000;
/** How long the rest of an ended process's log is waited for: a process that it started may keep the pipe open. */
const DRAIN_LIMIT_MS = 300;

/**
 * `abandoned`: still loading, but it is to end, because that took too long or nobody wants it any more; `stopping`: it
 * was ready and is to end; `ended`: it has exited and its log is read.
 */
export type ProcessState = 'loading' | 'ready' | 'abandoned' | 'stopping' | 'ended';
export type ProcessEvent = 'loaded' | 'loadTimeout' | 'stopRequested' | 'exited';

/** `none`: the event is ignored. */
// biome-ignore format: read as a table
export const PROCESS_TABLE = stateTable<ProcessState, ProcessEvent, ProcessState | 'none'>(
                 ['loading',   'ready',    'abandoned', 'stopping', 'ended'], {
  loaded:        ['ready',     'none',     'none',      'none',     'none'],
  loadTimeout:   ['abandoned', 'none',     'none',      'none',     'none'],
  stopRequested: ['abandoned', 'stopping', 'none',      'none',     'none'],
  exited:        ['ended',     'ended',    'ended',     'ended',    'none'],
});

/** The process of the native engine: starts it, and reports why it ended. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #events: EngineProcessEvents;
  readonly #clock: Clock;
  readonly #loaded = new Deferred<void>();
  readonly #exited = new Deferred<void>();
  #state: ProcessState = 'loading';
  #stderr = '';

  private constructor(events: EngineProcessEvents, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    this.#child = fork(CHILD, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--import', loader],
    });
    // the pipe is always read, because a full one would block the engine
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS);
    });
    this.#child.on('message', (message) => this.#receive(message as FromEngine));
    // a failed send to a process that has just ended; its exit is reported
    this.#child.on('error', () => {});
    this.#child.once('exit', (code, signal) => {
      this.#exited.resolve();
      void this.#drainLog().then(() => this.#enter('exited', String(signal ?? code)));
    });
  }

  /**
   * Starts a process that loads a model.
   * @throws {Error} with the end of the engine's log, when loading fails or takes longer than `limitMs`
   */
  static async start(
    load: ToEngine & { type: 'load' },
    limitMs: number,
    events: EngineProcessEvents,
    clock: Clock = systemClock,
  ): Promise<EngineProcess> {
    const engine = new EngineProcess(events, clock);
    const timeout = `加载超过 ${limitMs / 1000} 秒`;
    const cancelTimer = clock.after(limitMs, () => engine.#enter('loadTimeout', timeout));
    engine.send(load);
    try {
      await engine.#loaded.promise;
      return engine;
    } finally {
      cancelTimer();
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToEngine): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Disconnects the process, upon which it exits, and kills it if it does not. Resolves when it has exited. */
  async stop(): Promise<void> {
    this.#enter('stopRequested', '已被停止');
    await this.#exited.promise;
  }

  /** The only place that changes the state, and does what belongs to the new one. */
  #enter(event: ProcessEvent, reason: string): void {
    const from = this.#state;
    const next = PROCESS_TABLE.next(from, event);
    if (next === 'none') return;
    this.#state = next;
    if (next === 'ready') this.#loaded.resolve();
    else if (next === 'abandoned') this.#kill(reason);
    else if (next === 'stopping') this.#disconnect();
    else {
      const error = new Error(`识别引擎进程已退出（${reason}）：${reasonIn(this.#stderr)}`);
      if (from === 'loading') this.#loaded.reject(error);
      else if (from !== 'abandoned') this.#events.onEnd(error);
    }
  }

  #kill(reason: string): void {
    this.#child.kill('SIGKILL');
    const error = new Error(`识别引擎进程已退出（SIGKILL）：${reason}`);
    void this.#exited.promise.then(() => this.#loaded.reject(error));
  }

  #receive(message: FromEngine): void {
    if (message.type === 'update') this.#events.onUpdate(message.id, message.update);
    else this.#enter('loaded', 'the model is loaded');
  }

  #disconnect(): void {
    if (this.#child.connected) this.#child.disconnect();
    const cancelTimer = this.#clock.after(STOP_LIMIT_MS, () => this.#child.kill('SIGKILL'));
    void this.#exited.promise.then(cancelTimer);
  }

  async #drainLog(): Promise<void> {
    const { stderr } = this.#child;
    if (!stderr || stderr.readableEnded) return;
    await new Promise<void>((resolve) => {
      const cancelTimer = this.#clock.after(DRAIN_LIMIT_MS, resolve);
      stderr.once('end', () => {
        cancelTimer();
        resolve();
      });
    });
    stderr.destroy();
  }
}

/** The lines of the engine's log that name the error, without its source paths. */
function reasonIn(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /what\(\)|csrc|c-api|[Ee]rror/.test(line));
  const text = lines
    .slice(-2)
    .join(' ')
    .replace(/\/\S*\/(?=csrc\/)/g, '');
  return text.slice(0, 300) || '没有错误信息';
}
