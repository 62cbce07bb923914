import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FromChild, ToChild } from './protocol.ts';

export interface EngineProcessEvents {
  onMessage(message: FromChild): void;
  /** After it was ready. */
  onEnd(error: Error): void;
}

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const STDERR_CHARS = 4_000;
const STOP_LIMIT_MS = 2_000;
/** How long the last words of an ended process are waited for: a process that it started may keep the pipe open. */
const DRAIN_LIMIT_MS = 300;

/** The engine's process: starts it, says why it ended. */
export class EngineProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts a process and has it load a model.
   * @throws {Error} with the engine's own last words where that fails or lasts longer than `limitMs`
   */
  static start(
    load: ToChild & { type: 'load' },
    limitMs: number,
    events: EngineProcessEvents,
  ): Promise<EngineProcess> {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const child = fork(CHILD, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--import', loader],
    });
    return new Promise((resolve, reject) => {
      let stderr = '';
      let ready = false;
      let tooSlow = false;
      const timer = setTimeout(() => {
        tooSlow = true;
        child.kill('SIGKILL');
      }, limitMs);
      // It logs much; a full pipe would stop it.
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr = (stderr + text).slice(-STDERR_CHARS);
      });
      child.on('message', (message) => {
        const told = message as FromChild;
        if (told.type !== 'ready') {
          events.onMessage(told);
          return;
        }
        ready = true;
        clearTimeout(timer);
        resolve(new EngineProcess(child));
      });
      // Sending to a process that has just ended: `exit` follows and tells.
      child.on('error', () => {});
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        void drained(child).then(() => {
          const reason = tooSlow ? `加载超过 ${limitMs / 1000} 秒` : lastWords(stderr);
          const error = new Error(`识别引擎进程已退出（${signal ?? code}）：${reason}`);
          if (ready) events.onEnd(error);
          else reject(error);
        });
      });
      child.send(load);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** The process ends by itself when it is let go. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  }
}

async function drained(child: ChildProcess): Promise<void> {
  const { stderr } = child;
  if (!stderr || stderr.readableEnded) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, DRAIN_LIMIT_MS);
    stderr.once('end', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  stderr.destroy();
}

/** The lines in which the engine says what is wrong, without its source paths. */
function lastWords(stderr: string): string {
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
