import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Example, workDirOf } from './examples.ts';
import { copySources } from './install.ts';
import { addPackages } from './packages.ts';

const run = promisify(execFile);
/** Webpack on a machine that is busy. */
const SCRIPT_TIMEOUT_MS = 240_000;

/**
 * Builds an example from its present sources, as its user would.
 * @param packages of this repository, packed
 * @throws Error with the output of the script that failed
 */
export async function buildExample(example: Example, packages: readonly string[]): Promise<void> {
  copySources(example);
  await addPackages(example, packages);
  for (const script of example.scripts) {
    const options = { cwd: workDirOf(example), timeout: SCRIPT_TIMEOUT_MS, env: withoutTests(process.env) };
    await run('npm', ['run', script], options).catch(
      ({ stdout, stderr }: { stdout: string; stderr: string }) => {
        throw new Error(`examples/${example.name}: npm run ${script}\n${stdout}${stderr}`);
      },
    );
  }
}

/** The environment of a user: compilers behave otherwise where a test runner has set its variables. */
const withoutTests = ({ NODE_ENV: _mode, VITEST: _vitest, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  env;
