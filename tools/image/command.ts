import { execFile } from 'node:child_process';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end, whatever it ends with; -1: there is no such command, or a signal has ended it. */
export const attempt = (command: string, args: readonly string[]): Promise<CommandResult> =>
  new Promise((resolve) => {
    execFile(command, args, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : -1;
      resolve({ code: error ? code : 0, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });

/** Runs a command and returns what it printed. @throws Error with what it said, unless it ends with 0 */
export async function output(command: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await attempt(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${code}\n${stderr.trim()}`);
  return stdout.trim();
}

/** Whether a program is on the `PATH`. */
export const has = async (program: string): Promise<boolean> =>
  (await attempt('sh', ['-c', `command -v ${program}`])).code === 0;
