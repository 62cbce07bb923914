import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../local/start.ts';
import { type Block, blocksOf, differenceFrom } from './openapi/testing/doc-blocks.ts';
import { ROOT } from './root.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

const MARK = '--- end of a block ---';
const PAGE = 'docs/http-api.md';

let folder: string;
let cloud: LocalCloud;
beforeAll(async () => {
  // a clone of the repository with a data folder of its own: the commands name neither
  folder = await mkdtemp(join(tmpdir(), 'http-api-docs-'));
  const names = (await readdir(ROOT)).filter((name) => !['.local', '.env', '.git'].includes(name));
  await Promise.all(names.map((name) => symlink(join(ROOT, name), join(folder, name))));
  cloud = await startLocalCloud({
    dataDir: join(folder, '.local'),
    env: { HTTP_ALLOWED_ORIGINS: 'https://app.example' },
  });
});
afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs blocks in one shell, one after the other. @returns what each printed */
async function run(blocks: readonly Block[]): Promise<string[]> {
  const script = blocks.map(({ text }) => `${text}echo; echo '${MARK}'\n`).join('');
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, URL: cloud.url },
  });
  return stdout.split(`${MARK}\n`).slice(0, -1);
}

test('every command of the page, word for word, answers what the page says', async () => {
  const blocks = blocksOf(await readFile(join(ROOT, PAGE), 'utf8'));
  const commands = blocks.filter(({ language }) => language === 'bash');
  const printed = await run(commands);
  expect(printed).toHaveLength(commands.length);
  let documented = 0;
  for (const [at, { language, text }] of blocks.entries()) {
    const before = blocks[at - 1];
    const answer = printed[commands.indexOf(before as Block)]?.trim() ?? '';
    if (language === 'json') {
      expect(
        differenceFrom(JSON.parse(text), JSON.parse(answer)),
        `${before?.text}→ ${answer}`,
      ).toBeUndefined();
      documented += 1;
    }
    if (language === 'http') {
      for (const line of text.trim().split('\n')) expect(answer).toContain(line);
      documented += 1;
    }
  }
  expect(documented).toBe(7);
  // several answers in a block: each is JSON, and none is a refusal
  const answers = printed.flatMap((text) => text.match(/\{.*?\}(?=\{|\s*$)/gs) ?? []);
  const refused = answers.map((text) => JSON.parse(text).code).filter(Boolean);
  expect(refused).toEqual(['UNAUTHENTICATED', 'FORBIDDEN']);
});

test('a documented answer is told from another one', () => {
  const documented = { id: '…', items: [{ n: 1, '…': '…' }] };
  expect(differenceFrom(documented, { id: 'x', items: [{ n: 1, m: 2 }, {}] })).toBeUndefined();
  expect(differenceFrom(documented, { id: 'x', items: [{ n: 2 }] })).toBe('$.items[0].n: 2');
  expect(differenceFrom(documented, { items: [{ n: 1 }] })).toBe('$.id');
  expect(differenceFrom(documented, { id: 'x', items: [], more: 1 })).toContain('$.more');
});
