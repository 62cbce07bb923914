/**
 * `npm test`: unit and integration tests, then the browser's. With arguments only the tests that they name.
 * The last line is `N passed, N failed`; TEST_SUMMARY names a file that gets it too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './check/files.ts';
import { findChromium } from './chromium.ts';
import { add, type Counts, countsOf, NONE, summaryOf } from './test/counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'test-report-'));

/** Runs vitest with one configuration. A run without a report counts as one failure. */
async function suite(config: string, args: readonly string[]): Promise<Counts> {
  const report = join(folder, `${config}.json`);
  const vitest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...args,
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const [code] = (await once(vitest, 'exit')) as [number | null];
  let counts: Counts;
  try {
    counts = countsOf(JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    counts = { ...NONE, failed: 1 };
  }
  // an error outside of any test
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function browserSuite(): Promise<Counts> {
  const { file, found } = findChromium();
  if (file !== undefined) return suite('vitest.e2e.config.ts', []);
  const required = process.env.REQUIRE_BROWSER === '1';
  console.log(`${required ? '浏览器测试无法运行' : '浏览器测试已跳过'}：${found}`);
  return { ...NONE, failed: required ? 1 : 0 };
}

const args = process.argv.slice(2);
const unit = await suite('vitest.config.ts', args);
const total = args.length > 0 ? unit : add(unit, await browserSuite());
rmSync(folder, { recursive: true, force: true });
if (process.env.TEST_SUMMARY) writeFileSync(process.env.TEST_SUMMARY, `${summaryOf(total)}\n`);
if (total.skipped > 0) console.log(`${total.skipped} 个测试被跳过`);
console.log(summaryOf(total));
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
