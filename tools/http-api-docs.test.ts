import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type Block, blocksOf } from './docs/markdown.ts';
import { isCommand, isRunBy } from './docs/marks.ts';
import { differenceFrom } from './docs/testing/documented-answer.ts';
import { runBlocks, useLocalCloud } from './docs/testing/run-blocks.ts';
import { ROOT } from './root.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

const PAGE = 'docs/http-api.md';
const THIS_TEST = 'tools/http-api-docs.test.ts';

const cloud = useLocalCloud({ HTTP_ALLOWED_ORIGINS: 'https://app.example' });

test('every command of the page, word for word, answers what the page says', async () => {
  const blocks = blocksOf(await readFile(join(ROOT, PAGE), 'utf8'));
  const commands = blocks.filter((block) => isCommand(block) && isRunBy(block, THIS_TEST));
  const printed = await runBlocks(commands, cloud, { URL: cloud.url });
  expect(commands.length).toBeGreaterThanOrEqual(10);
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
