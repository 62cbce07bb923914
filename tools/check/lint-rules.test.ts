import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../root.ts';

/** Imports against the direction: each must be reported. */
const FORBIDDEN: [file: string, imported: string][] = [
  ['contract/a.ts', '../records/stats.ts'],
  ['contract/b.ts', '../lib/clock.ts'],
  ['lib/a.ts', '../contract/errors.ts'],
  ['records/a.ts', '../container/src/clock.ts'],
  ['container/src/a.ts', '../../local/start.ts'],
  ['container/src/b.ts', './testing/rig.ts'],
  ['container/src/c.ts', './config.test.ts'],
  ['container/src/session/a.ts', '../../../functions/shared/log.ts'],
  ['container/src/session/b.ts', '../transport/socketio/server.ts'],
  ['container/src/upstream/a.ts', '../session/session.ts'],
  ['container/src/upstream/b.ts', '../transport/connection.ts'],
  ['container/src/asr/a.ts', '../session/rules.ts'],
  ['container/src/store/a.ts', '../session/session.ts'],
  ['container/src/store/b.ts', '../../../functions/shared/log.ts'],
  ['functions/history/a.ts', '../../container/src/config.ts'],
  ['functions/history/b.ts', '../../miniprogram/utils/format.ts'],
  ['miniprogram/a.ts', '../container/src/config.ts'],
  ['miniprogram/b.ts', '../records/stats.ts'],
  ['miniprogram/pages/stats/a.ts', '../../../functions/shared/log.ts'],
  ['miniprogram/pages/stats/b.ts', '../../voice/session/ring.ts'],
  ['miniprogram/services/a.ts', '../client/io.ts'],
  ['miniprogram/voice/session/a.ts', '../../services/cloud.ts'],
  ['miniprogram/voice/b.ts', '../client/io.ts'],
  ['miniprogram/client/a.ts', '../voice/session/ring.ts'],
  ['compile/a.ts', '../local/wechat/host.ts'],
  ['compile/browser/a.ts', '../../tools/cli.ts'],
  ['local/a.ts', '../functions/shared/log.ts'],
  ['local/b.ts', '../tools/transcribe.ts'],
  ['local/cloudbase/a.ts', '../../functions/shared/log.ts'],
  ['local/cloudbase/http/a.ts', '../../../functions/shared/log.ts'],
  ['local/launch/a.ts', '../../container/src/config.ts'],
  ['local/launch/b.ts', '../../bench/chaos/plan.ts'],
  ['local/asr/a.test.ts', '../../tools/phrase-bank/compose.ts'],
  ['local/wechat/testing/a.ts', '../../../tools/screenshots.ts'],
  ['local/wechat/e2e/a.ts', '../../../sim/world.ts'],
  ['compile/a.test.ts', '../bench/client.ts'],
  ['container/src/d.ts', '../../conformance/run.ts'],
  ['miniprogram/c.ts', '../conformance/audio.ts'],
  ['conformance/a.ts', '../container/src/config.ts'],
  ['conformance/server-cases/a.ts', '../../miniprogram/utils/format.ts'],
  ['conformance/client-cases/a.ts', '../testing/rig.ts'],
];
const ALLOWED: [file: string, imported: string][] = [
  ['records/ok.ts', '../contract/errors.ts'],
  ['container/src/ok.ts', './config.ts'],
  ['container/src/ok2.ts', '../../contract/errors.ts'],
  ['container/src/ok3.ts', '../../records/stats.ts'],
  ['container/src/transport/ok.ts', '../session/session.ts'],
  ['container/src/session/ok.ts', '../upstream/relay.ts'],
  ['container/src/upstream/ok.ts', '../asr/types.ts'],
  ['container/src/ok.test.ts', '../../local/start.ts'],
  ['container/testing/ok.ts', '../../local/start.ts'],
  ['miniprogram/pages/stats/ok.ts', '../../services/cloud.ts'],
  ['miniprogram/voice/recording/ok.ts', '../session/ring.ts'],
  ['miniprogram/services/ok.test.ts', '../voice/testing/rig.ts'],
  ['compile/ok.ts', '../lib/wav.ts'],
  ['local/cloudbase/http/ok.ts', '../functions/host.ts'],
  ['local/launch/ok.ts', '../../compile/container.ts'],
  ['local/launch/ok.test.ts', '../../container/src/config.ts'],
  ['local/launch/ok2.test.ts', './testing/command.ts'],
  ['tools/ok.ts', '../local/start.ts'],
  ['bench/ok.ts', '../tools/cli.ts'],
  ['conformance/ok.ts', '../contract/errors.ts'],
  ['conformance/ok.test.ts', '../container/src/config.ts'],
  ['conformance/testing/ok.ts', '../../container/testing/rig.ts'],
];
/** Whatever the form of the import. */
const FORMS = [
  "export * from '../../local/start.ts';",
  "export const x = await import('../../local/start.ts');",
  "import '../../local/start.ts';",
  "import type { X } from '../../local/start.ts';\nexport type Y = X;",
];
/** Time, timers and randomness that product code must be given, so that it can be simulated. */
const AMBIENT = [
  'export const x = Date.now();',
  'export const x = { now: Date.now };',
  'export const x = new Date();',
  'export const x = (random = Math.random) => random();',
  'export const x = performance.now();',
  "import { randomUUID } from 'node:crypto';\nexport const x = randomUUID();",
  'export const x = crypto.randomUUID();',
  'setTimeout(() => {}, 5);',
  'setInterval(() => {}, 5);',
];
/** Readings of a page that may be made before it has drawn what it will. */
const DRAWN = [
  "expect(await page.locator('p').textContent()).toBe('x');",
  "expect(await rows.first().getAttribute('role'), 'why').toBe('x');",
  'expect(await rows.count()).toBe(0);',
  'expect(await appPage.history()).toEqual([]);',
];
const POLLED = 'await expect.poll(() => rows.count()).toBe(0);\nexpect(await appPage.stop()).toEqual([]);\n';
const INJECTED = 'export const x = new Date(clock.now());\nclock.setTimeout(() => {}, 5);\n';
const lines = (count: number): string => Array.from({ length: count }, (_, i) => `  f(${i});\n`).join('');

const files = new Map<string, string>([
  ...[...FORBIDDEN, ...ALLOWED].map(
    ([file, from]) => [file, `import { x } from '${from}';\nx();\n`] as const,
  ),
  ...FORMS.map((text, i) => [`container/src/form-${i}.ts`, `${text}\n`] as const),
  ...AMBIENT.map((text, i) => [`container/src/transport/ambient-${i}.ts`, `${text}\n`] as const),
  ...[
    'records/x.ts',
    'functions/stats/x.ts',
    'miniprogram/client/x.ts',
    'miniprogram/voice/session/x.test.ts',
  ].map((file) => [file, `${AMBIENT[0]}\n`] as const),
  ['container/src/transport/injected.ts', INJECTED],
  ...DRAWN.map((text, i) => [`local/wechat/e2e/drawn-${i}.e2e.test.ts`, `${text}\n`] as const),
  ['local/wechat/e2e/polled.e2e.test.ts', POLLED],
  ['container/src/ring/a.ts', "import type { B } from './b.ts';\nexport type A = B;\n"],
  ['container/src/ring/b.ts', "import type { A } from './a.ts';\nexport type B = A;\n"],
  ['container/src/long-file.ts', lines(401)],
  ['container/src/long-function.ts', `export function long(f: (i: number) => void) {\n${lines(61)}}\n`],
  ['container/src/fine.ts', `export function fine(f: (i: number) => void) {\n${lines(58)}}\n`],
]);

/** `file rule` of everything that Biome reports with the project's own settings. */
const reported = new Set<string>();
const rule = (file: string, name: string): boolean => reported.has(`${file} ${name}`);

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lint-rules-'));
  const settings = JSON.parse(await readFile(join(ROOT, 'biome.json'), 'utf8'));
  for (const plugin of ['injected', 'drawn'])
    await cp(join(ROOT, `tools/check/${plugin}.grit`), join(folder, `tools/check/${plugin}.grit`));
  // the folder is no repository
  await writeFile(join(folder, 'biome.json'), JSON.stringify({ ...settings, vcs: { enabled: false } }));
  for (const [file, text] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
  // it exits with 1, because there are problems
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch(
    (failure: { stdout: string }) => failure,
  );
  for (const { category, location } of JSON.parse(stdout).diagnostics)
    reported.add(`${location.path} ${category.split('/').at(-1)}`);
  await rm(folder, { recursive: true, force: true });
});

describe('imports point one way', () => {
  test.each(FORBIDDEN)('%s may not import %s', (file) => {
    expect(rule(file, 'noRestrictedImports')).toBe(true);
  });

  test.each(ALLOWED)('%s may import %s', (file) => {
    expect(rule(file, 'noRestrictedImports')).toBe(false);
  });

  test.each(FORMS.map((text, i) => [text, i] as const))('whatever the form: %s', (_, i) => {
    expect(rule(`container/src/form-${i}.ts`, 'noRestrictedImports')).toBe(true);
  });

  test('there is no circle, not even of types', () => {
    expect(rule('container/src/ring/a.ts', 'noImportCycles')).toBe(true);
    expect(rule('container/src/ring/b.ts', 'noImportCycles')).toBe(true);
  });
});

describe('product code is given its time, timers and randomness', () => {
  test.each(AMBIENT.map((text, i) => [text, i] as const))('and does not take them itself: %s', (_, i) => {
    expect(rule(`container/src/transport/ambient-${i}.ts`, 'plugin')).toBe(true);
  });

  test('in all its folders, tests apart', () => {
    const folders = ['records/x.ts', 'functions/stats/x.ts', 'miniprogram/client/x.ts'];
    expect(folders.map((file) => rule(file, 'plugin'))).toEqual([true, true, true]);
    expect(rule('miniprogram/voice/session/x.test.ts', 'plugin')).toBe(false);
    expect(rule('container/src/transport/injected.ts', 'plugin')).toBe(false);
  });
});

describe('what a test reads of a page is polled', () => {
  test.each(DRAWN.map((text, i) => [text, i] as const))('and not read once: %s', (_, i) => {
    expect(rule(`local/wechat/e2e/drawn-${i}.e2e.test.ts`, 'plugin')).toBe(true);
  });

  test('a poll passes', () => {
    expect(rule('local/wechat/e2e/polled.e2e.test.ts', 'plugin')).toBe(false);
  });
});

test('no file and no function is longer than a reader can hold', () => {
  expect(rule('container/src/long-file.ts', 'noExcessiveLinesPerFile')).toBe(true);
  expect(rule('container/src/long-function.ts', 'noExcessiveLinesPerFunction')).toBe(true);
  expect(rule('container/src/fine.ts', 'noExcessiveLinesPerFunction')).toBe(false);
});
