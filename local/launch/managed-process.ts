import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { LogFile } from './log-file.ts';

/** One process of the local cloud: how it is started, and by what output it is ready. */
export interface ProcessSpec {
  name: string;
  /** For people. */
  label: string;
  /** The script that node runs; TypeScript is run through tsx. */
  script: string;
  /** More arguments of node itself. */
  nodeArgs?: string[];
  /** The port of the first start; 0: any free one. Restarts use the port on which it listened. */
  port: number;
  /** Arguments and environment for a port. */
  args: (port: number) => string[];
  env: (port: number) => Record<string, string>;
  /** Reads one line of the process's output. @returns the port that it listens on, undefined: not that line */
  portFrom: (line: string) => number | undefined;
  /** Answers with status 200 when it can serve; undefined: it can when it listens. */
  readyPath?: string;
  logPath: string;
  /** Where it serves its metrics, if it does. */
  metricsUrl?: string | undefined;
}

const EXIT_WITH_PARENT = new URL('./exit-with-parent.mjs', import.meta.url).href;
/** Generous: a loaded machine with a cold disk cache. */
const READY_WITHIN_MS = 60_000;
/** How often its log is read until it is ready, and afterwards checked for its size. */
const READY_POLL_MS = 20;
const TRIM_EVERY_MS = 60_000;
/** Limit of one question whether it is ready, ms. */
const READY_ANSWER_MS = 1_000;
/** A process that was asked to end and did not within this is killed, ms. Above the container's own limit for handing over. */
const STOP_WITHIN_MS = 20_000;
/** Lines of its log that a report of its failure shows. */
const REPORTED_LINES = 15;

/** A process ended, or took too long, before it listened. The message has its last lines. */
export class ProcessStartError extends Error {
  override readonly name = 'ProcessStartError';
}

/**
 * A child process that is started, stopped, killed and started again on the same port. It has a process group of its
 * own, so that Ctrl-C in a terminal reaches only the launcher, which ends its processes in order.
 */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  #child: ChildProcess | undefined;
  readonly #log: LogFile;
  #port: number;
  #exitExpected = false;
  readonly #onExit: (how: string) => void;

  /** @param onExit called when the process ends though nobody asked it to; `how`: its exit code or signal, for people */
  constructor(spec: ProcessSpec, onExit: (how: string) => void) {
    this.spec = spec;
    this.#port = spec.port;
    this.#log = new LogFile(spec.logPath);
    this.#onExit = onExit;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
  get lastLines(): string[] {
    return this.#log.tail(REPORTED_LINES);
  }

  /** Resolves when it is ready. @throws ProcessStartError with its last lines */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.spec.name} is running`);
    const { script, args, env, nodeArgs = [] } = this.spec;
    const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
    const log = this.#log.open();
    const child = spawn(
      process.execPath,
      ['--import', EXIT_WITH_PARENT, ...loader, ...nodeArgs, script, ...args(this.#port)],
      { env: env(this.#port), stdio: ['ignore', log, log, 'ipc'], detached: true },
    );
    closeSync(log);
    this.#child = child;
    this.#exitExpected = false;
    try {
      this.#port = await this.#listening(child);
    } catch (cause) {
      await this.kill('SIGKILL');
      throw cause;
    }
  }

  /** Asks it to end; kills it if it does not. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.kill('SIGTERM');
    clearTimeout(timer);
  }

  /** Sends a signal that ends it; resolves when it has ended. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#exitExpected = true;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** Sends a signal that does not end it (`SIGSTOP`, `SIGCONT`). */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves with the process's port once it is ready, rejects if it ends or takes too long before; later reports its exit. */
  #listening(child: ChildProcess): Promise<number> {
    return new Promise((resolve, reject) => {
      let over = false;
      let port: number | undefined;
      const settle = (how: string | undefined): void => {
        over = true;
        clearTimeout(next);
        clearTimeout(deadline);
        if (how === undefined) resolve(port as number);
        else
          reject(new ProcessStartError([`${this.spec.label}没有启动：${how}`, ...this.lastLines].join('\n')));
      };
      const look = async (): Promise<void> => {
        port ??= this.#log.newLines().map(this.spec.portFrom).find(Number.isInteger);
        const ready = port !== undefined && (await this.#serves(port));
        if (over) return;
        if (ready) settle(undefined);
        else next = setTimeout(look, READY_POLL_MS);
      };
      let next = setTimeout(look, READY_POLL_MS);
      const deadline = setTimeout(() => settle(`${READY_WITHIN_MS / 1000} 秒内没有就绪`), READY_WITHIN_MS);
      const trim = setInterval(() => this.#log.trim(), TRIM_EVERY_MS).unref();

      const ended = (how: string): void => {
        clearInterval(trim);
        this.#child = undefined;
        if (!over) settle(how);
        else if (!this.#exitExpected) this.#onExit(how);
      };
      child.once('error', (error) => ended(error.message));
      child.once('exit', (code, signal) => ended(signal ? `被信号 ${signal} 终止` : `退出码 ${code}`));
    });
  }

  /** Whether it answers that it can serve, where it can be asked. */
  async #serves(port: number): Promise<boolean> {
    if (this.spec.readyPath === undefined) return true;
    try {
      const signal = AbortSignal.timeout(READY_ANSWER_MS);
      return (await fetch(`http://127.0.0.1:${port}${this.spec.readyPath}`, { signal })).ok;
    } catch {
      return false;
    }
  }
}
