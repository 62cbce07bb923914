import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../root.ts';
import type { Mutant } from './client.ts';

const TEST_TIMEOUT_MS = 120_000;

export interface Verdict {
  mutant: Mutant;
  killed: boolean;
  /** The test that failed. */
  by: string;
}

interface Report {
  testResults: {
    assertionResults: { status: string; fullName: string }[];
    message: string;
    status: string;
  }[];
}

/** A temporary copy of the client and of what its tests import; those in a browser need more, and are left out. */
async function copyOfClient(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  await Promise.all(
    ['miniprogram/client', 'lib', 'package.json', 'tsconfig.json'].map((name) =>
      cp(join(ROOT, name), join(folder, name), { recursive: true }),
    ),
  );
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(
    join(folder, 'vitest.config.ts'),
    `export default { test: { include: ['{miniprogram,lib}/**/*.test.ts'], exclude: ['**/*.e2e.test.ts'], testTimeout: 5000, pool: 'threads', maxWorkers: 1, isolate: false } };`,
  );
  return folder;
}

/** Runs the tests. @returns the name of the first that failed, undefined where all passed */
async function firstFailure(folder: string, tests: readonly string[]): Promise<string | undefined> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const output = join(folder, 'report.json');
  await rm(output, { force: true });
  const args = [vitest, 'run', '--bail', '1', '--reporter=json', `--outputFile=${output}`, ...tests];
  const ran = await promisify(execFile)(process.execPath, args, {
    cwd: folder,
    timeout: TEST_TIMEOUT_MS,
  }).then(
    () => true,
    () => false,
  );
  if (ran) return undefined;
  const report = await readFile(output, 'utf8').then(
    (text) => JSON.parse(text) as Report,
    () => undefined,
  );
  const failed = report?.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed');
  return (
    failed?.fullName ?? report?.testResults.find(({ status }) => status === 'failed')?.message ?? '(中止)'
  );
}

async function verdictOf(folder: string, mutant: Mutant, tests: readonly string[]): Promise<Verdict> {
  const path = join(folder, 'miniprogram/client', mutant.file);
  const text = await readFile(path, 'utf8');
  if (text.split(mutant.find).length !== 2)
    throw new Error(`「${mutant.name}」：${mutant.file} 中应恰好有一处\n${mutant.find}`);
  // As a function: in a text `$` would have a meaning.
  await writeFile(
    path,
    text.replace(mutant.find, () => mutant.replace),
  );
  try {
    const by = await firstFailure(folder, tests);
    return { mutant, killed: by !== undefined, by: by ?? '' };
  } finally {
    await writeFile(path, text);
  }
}

/**
 * Makes each fault in a copy of the client, one at a time, and runs the tests on it.
 * @param tests files of the client's tests, as vitest selects them
 * @throws Error where the tests fail without any fault, or a fault no longer fits the source
 */
export async function runMutants(
  mutants: readonly Mutant[],
  tests: readonly string[],
  onVerdict: (verdict: Verdict) => void = () => {},
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = mutants.slice();
  const worker = async (): Promise<void> => {
    const folder = await copyOfClient();
    try {
      const broken = await firstFailure(folder, tests);
      if (broken) throw new Error(`没有任何错误时测试已失败：${broken}`);
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const verdict = await verdictOf(folder, mutant, tests);
        verdicts.push(verdict);
        onVerdict(verdict);
      }
    } finally {
      waiting.length = 0;
      await rm(folder, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return verdicts;
}
