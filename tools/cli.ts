import { VoiceError } from '../contract/errors.ts';
import { systemClock } from '../lib/clock.ts';
import {
  type CommandLine,
  type CommandSpec,
  type OptionSpec,
  readCommandLine,
  UsageError,
  usageOf,
} from '../lib/command-line.ts';
import { describeSystemError } from '../lib/system-error.ts';
import { Progress } from './progress.ts';

/** It did not work; the message says what to do. Exit code 1. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** For programs that run a tool. */
export const JSON_OPTION = { type: 'boolean', help: '最后一行是 JSON' } as const;

/** What a tool is run with. */
export interface Invocation<O extends Record<string, OptionSpec>> extends CommandLine<O> {
  /** Tells people what they wait for. */
  progress: Progress;
}

/** A failure in words, with its stable code where it has one. */
export function describeFailure(error: unknown): string {
  if (error instanceof VoiceError) {
    const detail = error.detail === undefined ? '' : `（${error.detail}）`;
    return `${error.code}：${error.message}${detail}`;
  }
  if (error instanceof ToolError || error instanceof UsageError) return error.message;
  const known = describeSystemError(error);
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message : String(error);
  const trace = process.env.DEBUG && error instanceof Error ? `\n${error.stack}` : '（DEBUG=1 可以看到堆栈）';
  return `没有完成：${message}${trace}`;
}

/**
 * Ends the process as soon as what was written has left it, with the exit code that was set. For tools that had processes and
 * sockets of their own: phones whose run was given up go on dialling, and the clean-up of Node.js 20 has been seen to run for ever
 * when the last handle had closed by itself (`Environment::CleanupHandles`).
 */
export async function exitWhenWritten(): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => void stream.write('', () => resolve()));
  return process.exit();
}

/**
 * Runs a command line tool: exit code 0 it worked, 1 it failed, 2 it was called wrongly. `--help` prints the usage and does
 * nothing else; after two seconds people are told what they wait for.
 * @param doing what it does first, in words: 正在……
 */
export async function runTool<O extends Record<string, OptionSpec>>(
  spec: CommandSpec<O>,
  doing: string,
  tool: (given: Invocation<O>) => Promise<void>,
): Promise<void> {
  const progress = new Progress(systemClock, (line) => console.error(line));
  const fail = (error: unknown): void => {
    progress.end();
    console.error(describeFailure(error));
    if (error instanceof UsageError) console.error(usageOf(spec));
    // not `exit`: what was written must leave the process first
    process.exitCode = error instanceof UsageError ? 2 : 1;
  };
  // whoever reads the output wants no more of it
  process.stdout.on('error', () => process.exit());
  process.once('uncaughtException', (error) => {
    fail(error);
    process.exit();
  });
  try {
    const line = readCommandLine(spec, process.argv.slice(2));
    if (line === 'help') {
      console.log(usageOf(spec));
      return;
    }
    progress.step(doing);
    await tool({ ...line, progress });
    progress.end();
  } catch (error) {
    fail(error);
  }
}
