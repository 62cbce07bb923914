import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../root.ts';
import { deployProblems } from './deploy.ts';
import { brokenLinks, brokenNames, docsProblems } from './docs.ts';
import { addressedPackages, lockfileProblems, unlockedPackages } from './lockfile.ts';
import { logLines, manualProblems, operationsProblems, securityProblems } from './manuals.ts';

describe('deployment', () => {
  const text = readFileSync(`${ROOT}cloudbaserc.json`, 'utf8');
  /** The project's own file with one thing changed. */
  const changed = (from: string, to: string): unknown => {
    expect(text).toContain(from);
    return JSON.parse(text.replace(from, to));
  };

  test('the file as it is has no problems', async () => {
    expect(await deployProblems(JSON.parse(text))).toEqual([]);
  });

  test.each([
    ['an unknown key', '"uploadType": "package"', '"uploadType": "package", "minNumber": 1', 'minNumber'],
    [
      'the repository itself is uploaded',
      '"localPath": "./dist/container"',
      '"localPath": "./"',
      'dist/container',
    ],
    ['a placeholder inside a value', '"{{env.TENCENT_APPID}}"', '"id-{{env.TENCENT_APPID}}"', '占位符'],
    ['a collection that nobody uses', '"voice_pages"', '"voice_pagez"', 'voice_pagez'],
    ['a function without a folder', '"name": "ticket"', '"name": "tickets"', 'tickets'],
    ['a port that differs', '"containerPort": 8080', '"containerPort": 3000', 'PORT'],
    ['a plugin key that is not ours', '"container": {', '"container_": {', 'container'],
    ['no warm instance', '"minNum": 1', '"minNum": 0', 'minNum'],
    [
      'a variable that the container needs is missing',
      '"TENCENT_APPID": "{{env.TENCENT_APPID}}",',
      '',
      'TENCENT_APPID',
    ],
  ])('%s is found', async (_, from, to, mention) => {
    expect((await deployProblems(changed(from, to))).join('\n')).toContain(mention);
  });
});

test('the lock file must know every optional package, wherever npm would put it', () => {
  const packages = {
    '': { optionalDependencies: { here: '1' } },
    'node_modules/here': { optionalDependencies: { 'binary-a': '1', 'binary-b': '1', 'binary-c': '1' } },
    'node_modules/here/node_modules/binary-a': {},
    'node_modules/binary-b': {},
  };
  expect(unlockedPackages({ packages })).toHaveLength(1);
  expect(unlockedPackages({ packages })[0]).toContain('binary-c');
});

test('no lock file of the project names an address', () => {
  expect(lockfileProblems()).toEqual([]);
  const packages = {
    '': {},
    'node_modules/a': { resolved: 'https://registry.invalid/a.tgz' },
    'node_modules/b': {},
  };
  expect(addressedPackages({ packages })).toHaveLength(1);
  expect(addressedPackages({ packages })[0]).toContain('node_modules/a');
});

describe('documents', () => {
  const repository = {
    exists: (path: string) =>
      ['docs/a.md', 'docs/b.md', 'docs/p.svg', 'tools', 'tools/cli.ts'].includes(path),
    anchors: (path: string) => new Set(path === 'docs/b.md' ? ['part'] : ['here']),
    folders: new Set(['docs', 'tools']),
    scripts: new Set(['start', 'check']),
  };
  const problems = (text: string) => [
    ...brokenLinks('docs/a.md', text, repository),
    ...brokenNames('docs/a.md', text, repository),
  ];

  test('the documents as they are have no problems', async () => {
    expect(await docsProblems()).toEqual([]);
  });

  test('what exists, is a placeholder, or is none of ours is not reported', () => {
    const text =
      '[b](b.md#part) [here](#here) ![p](p.svg) [web](https://x.y/z) [mail](mailto:a@b.c) `tools/cli.ts` `tools/<name>.ts` `dist/x.js` `npm run -s check` `npm start -- --port 0`';
    expect(problems(text)).toEqual([]);
  });

  test('a path may also stand beside the page', () => {
    expect(
      brokenNames('tools/a.md', '`tools/cli.ts` `docs/a.svg`', {
        ...repository,
        exists: (path) => path === 'tools/docs/a.svg',
      }),
    ).toEqual(['tools/a.md：路径 tools/cli.ts 不存在']);
  });

  test.each([
    ['a link', '[c](c.md)', 'c.md'],
    ['a picture', '![q](q.svg)', 'q.svg'],
    ['an anchor', '[b](b.md#whole)', 'b.md#whole'],
    ['an anchor of the page itself', '[there](#there)', '#there'],
    ['a link in a heading', '# [c](c.md)', 'c.md'],
    ['an address that is none', '[web](https://x.y:z/)', 'https://x.y:z/'],
    ['an address with the sentence’s full stop', '[web](https://x.y/。)', '。'],
    ['an address of another kind', '[web](htp://x.y/)', 'htp'],
    ['a path', '`tools/test.ts`', 'tools/test.ts'],
    ['a command', 'npm run check:imports', 'check:imports'],
  ])('%s that leads nowhere is', (_, text, mention) => {
    expect(problems(text)).toHaveLength(1);
    expect(problems(text)[0]).toContain(mention);
  });
});

describe('the pages for operators and about security', () => {
  test('as they are name every metric, log line and error code, and only tests that exist', async () => {
    expect(await manualProblems()).toEqual([]);
  });

  test('a metric, a log line and an error code that are not there are', async () => {
    const text = readFileSync(`${ROOT}docs/operations.md`, 'utf8');
    expect(operationsProblems(text, ['voice_new'], ['a new line']).join()).toMatch(/voice_new.*a new line/);
    const lines = await logLines();
    expect(lines).toEqual(expect.arrayContaining(['session ended', 'listening', 'answered']));
    const without = text
      .replace('`BUSY` | 是', '`BUSY` | 否')
      .replace('| `session ended` |', '|')
      .replace('`ASR_AUTH`', '`ASR`');
    expect(operationsProblems(without, [], lines)).toHaveLength(3);
  });

  test.each([
    ['a promise without a test', '| 承诺很多 | 以后再说 |', '没有测试守住'],
    ['a file that is not there', '| 一 | `x.test.ts`「a」 |', '没有文件 x.test.ts'],
    ['a title that is not there', "| 一 | `a.test.ts`「it's so」「not so」 |", '「not so」'],
  ])('%s is', (_, row, mention) => {
    const table = `| 承诺 | 测试 |\n|---|---|\n${row}\n`;
    const problems = securityProblems(table, (path) =>
      path === 'a.test.ts' ? "it('it\\'s so', () => {})" : undefined,
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(mention);
  });
});
