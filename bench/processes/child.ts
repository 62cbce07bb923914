import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock, withTimeout } from '../../lib/clock.ts';
import type { Reply } from './answering.ts';

/** Longest answer: all streams of a step have begun. */
const ANSWER_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 5_000;

/** A process that answers questions. */
export class Child {
  readonly process: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #asked = 0;

  private constructor(name: string, process: ChildProcess) {
    this.#name = name;
    this.process = process;
    process.on('message', (reply: Reply) => {
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    process.once('exit', () => {
      for (const [id, answer] of this.#waiting) answer({ id, problem: 'it has ended' });
    });
  }

  /** @param args of node: its own options, then the script */
  static spawn(name: string, args: readonly string[], options: Pick<SpawnOptions, 'env'> = {}): Child {
    return new Child(
      name,
      spawn(process.execPath, args, {
        env: { PATH: process.env.PATH, ...options.env },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
    );
  }

  /** @throws Error what the process answers as its problem, or that it does not answer */
  async ask<T>(ask: string, argument?: unknown): Promise<T> {
    const id = this.#asked++;
    const answered = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.process.send({ id, ask, argument });
    const tooLong = (): Error => new Error(`${this.#name} does not answer: ${ask}`);
    const { result, problem } = await withTimeout(answered, systemClock, ANSWER_WITHIN_MS, tooLong);
    if (problem !== undefined) throw new Error(`${this.#name}: ${ask}: ${problem}`);
    return result as T;
  }

  async stop(): Promise<void> {
    const child = this.process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await withTimeout(ended, systemClock, STOP_WITHIN_MS, () => new Error('')).catch(() =>
      child.kill('SIGKILL'),
    );
  }
}
