import { parseArgs } from 'node:util';
import { VoiceError } from '../contract/errors.ts';

type Config = NonNullable<Parameters<typeof parseArgs>[0]>;

/** The command line is wrong: exit code 2, with the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** It did not work; the message says what to do. Exit code 1. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** `parseArgs`, strict; what it refuses is a {@link UsageError}. */
export function readArgs<T extends Config>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A failure in words, with its stable code where it has one. */
export const describeFailure = (error: unknown): string => {
  if (error instanceof VoiceError) {
    const detail = error.detail === undefined ? '' : `（${error.detail}）`;
    return `${error.code}：${error.message}${detail}`;
  }
  return error instanceof Error ? error.message : String(error);
};

/** Runs a command line tool: 0 it worked, 1 it failed, 2 it was called wrongly. */
export async function runTool(usage: string, tool: (args: string[]) => Promise<void>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return;
  }
  try {
    await tool(args);
  } catch (error) {
    console.error(describeFailure(error));
    if (error instanceof UsageError) console.error(usage);
    // not `exit`: what was written must leave the process first
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
