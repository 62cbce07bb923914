import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ToolRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command line tool, `tools/<name>.ts`, as a process, as `npm run` does. */
export function runTool(name: string, args: string[]): Promise<ToolRun> {
  const script = fileURLToPath(new URL(`../../../tools/${name}.ts`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', script, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

/** The last line of what it printed. */
export const lastLine = ({ stdout }: ToolRun): string => stdout.trimEnd().split('\n').at(-1) ?? '';
