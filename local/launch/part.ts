import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LogFile } from './log-file.ts';

/** One process of the local cloud: what it is and how to tell that it is ready. */
export interface PartSpec {
  name: string;
  /** For people. */
  label: string;
  /** The script that node runs; TypeScript is run through tsx. */
  script: string;
  /** The port to begin with; 0: any free one. Once it listens it keeps its port over restarts. */
  port: number;
  /** Arguments and environment for a port. */
  args: (port: number) => string[];
  env: (port: number) => Record<string, string>;
  /** Reads one line of the process's output. @returns the port that it listens on, undefined: not that line */
  portFrom: (line: string) => number | undefined;
  logPath: string;
}

const FOLLOW_PARENT = new URL('./follow-parent.mjs', import.meta.url).href;
/** Generous: a loaded machine with a cold disk cache. */
const READY_WITHIN_MS = 60_000;
/** A part that was asked to end and did not is killed, ms. Above the container's own limit for handing over. */
const STOP_WITHIN_MS = 20_000;

/** Why a part is not there. */
export class PartFailed extends Error {
  override readonly name = 'PartFailed';
}

/**
 * A child process that is started, stopped, killed and started again on the same port. It has a process group of its
 * own, so that Ctrl-C in a terminal reaches only the launcher, which ends the parts in order.
 */
export class Part {
  readonly spec: PartSpec;
  #child: ChildProcess | undefined;
  #log: LogFile | undefined;
  #port: number;
  #expectedToEnd = false;
  readonly #onDeath: (part: Part, how: string) => void;

  /** @param onDeath called when the process ends though nobody asked it to */
  constructor(spec: PartSpec, onDeath: (part: Part, how: string) => void) {
    this.spec = spec;
    this.#port = spec.port;
    this.#onDeath = onDeath;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }
  get running(): boolean {
    return this.#child !== undefined;
  }
  get port(): number {
    return this.#port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
  /** The last lines that it printed. */
  get lastLines(): readonly string[] {
    return this.#log?.tail ?? [];
  }

  /** Resolves when it listens. @throws PartFailed with its last lines */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.spec.name} is running`);
    const { script, args, env, logPath } = this.spec;
    const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
    const log = new LogFile(logPath);
    const child = spawn(
      process.execPath,
      ['--import', FOLLOW_PARENT, ...loader, script, ...args(this.#port)],
      { env: env(this.#port), stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    );
    this.#child = child;
    this.#log = log;
    this.#expectedToEnd = false;
    const listening = this.#watch(child, log);
    try {
      this.#port = await listening;
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
    this.#expectedToEnd = true;
    const gone = once(child, 'close');
    child.kill(signal);
    await gone;
  }

  /** Sends a signal that does not end it (`SIGSTOP`, `SIGCONT`). */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  #watch(child: ChildProcess, log: LogFile): Promise<number> {
    return new Promise((resolve, reject) => {
      const failed = (how: string) =>
        reject(new PartFailed([`${this.spec.label}没有启动：${how}`, ...log.tail].join('\n')));
      const timer = setTimeout(() => failed(`${READY_WITHIN_MS / 1000} 秒内没有就绪`), READY_WITHIN_MS);
      let ready = false;
      for (const stream of [child.stdout, child.stderr]) {
        if (!stream) continue;
        createInterface({ input: stream }).on('line', (line) => {
          log.write(line);
          const port = ready ? undefined : this.spec.portFrom(line);
          if (port === undefined) return;
          ready = true;
          clearTimeout(timer);
          resolve(port);
        });
      }
      child.once('error', (error) => failed(error.message));
      // `close`: after its output was read to the end
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        log.close();
        this.#child = undefined;
        const how = signal ? `被信号 ${signal} 终止` : `退出码 ${code}`;
        if (!ready) failed(how);
        else if (!this.#expectedToEnd) this.#onDeath(this, how);
      });
    });
  }
}
