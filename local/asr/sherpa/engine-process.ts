import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { systemClock } from '../../../lib/clock.ts';
import { Deferred } from '../../../lib/deferred.ts';
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
 * The process of the native engine: starts it, and reports why it ended.
 * States: loading (`ready` pending) → ready → ended; or loading → ended, then `start` rejects.
 */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #events: EngineProcessEvents;
  readonly #loaded = new Deferred<void>();
  #state: 'loading' | 'ready' | 'ended' = 'loading';
  #stderr = '';

  private constructor(events: EngineProcessEvents) {
    this.#events = events;
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
    this.#child.once('exit', (code, signal) => void this.#exited(String(signal ?? code)));
  }

  /**
   * Starts a process that loads a model.
   * @throws {Error} with the end of the engine's log, when loading fails or takes longer than `limitMs`
   */
  static async start(
    load: ToEngine & { type: 'load' },
    limitMs: number,
    events: EngineProcessEvents,
  ): Promise<EngineProcess> {
    const engine = new EngineProcess(events);
    let timedOut = false;
    const cancelTimer = systemClock.after(limitMs, () => {
      timedOut = true;
      engine.#child.kill('SIGKILL');
    });
    engine.send(load);
    try {
      await engine.#loaded.promise;
      return engine;
    } catch (error) {
      if (timedOut) throw new Error(`识别引擎进程已退出（SIGKILL）：加载超过 ${limitMs / 1000} 秒`);
      throw error;
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

  /** Disconnects the process, upon which it exits, and kills it if it does not. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    const cancelTimer = systemClock.after(STOP_LIMIT_MS, () => this.#child.kill('SIGKILL'));
    await exited;
    cancelTimer();
  }

  #receive(message: FromEngine): void {
    if (message.type === 'update') this.#events.onUpdate(message.id, message.update);
    else if (this.#state === 'loading') {
      this.#state = 'ready';
      this.#loaded.resolve();
    }
  }

  async #exited(how: string): Promise<void> {
    await this.#drainLog();
    const wasReady = this.#state === 'ready';
    this.#state = 'ended';
    const error = new Error(`识别引擎进程已退出（${how}）：${reasonIn(this.#stderr)}`);
    if (wasReady) this.#events.onEnd(error);
    else this.#loaded.reject(error);
  }

  async #drainLog(): Promise<void> {
    const { stderr } = this.#child;
    if (!stderr || stderr.readableEnded) return;
    await new Promise<void>((resolve) => {
      const cancelTimer = systemClock.after(DRAIN_LIMIT_MS, resolve);
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
