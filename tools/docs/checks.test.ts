import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'acorn';
import { describe, expect, test } from 'vitest';
import { CloudBaseSocketIOClient } from '../../miniprogram/client/cloudbase-socketio-client.ts';
import { commandProblems, untestedCommands } from '../check/commands.ts';
import { allTranslationProblems, TRANSLATIONS, translationProblems } from '../check/translations.ts';
import { ROOT } from '../root.ts';
import { API_PAGE, apiPageProblems, withGeneratedRegions } from './api-page.ts';
import { blocksOf, sectionsOf, targetsOf } from './markdown.ts';
import { markdownPages, readPage } from './pages.ts';
import { outputPattern, sessionOf } from './testing/documented-output.ts';

describe('documented commands', () => {
  const problems = (text: string) => untestedCommands('a.md', text, (path) => path === 'x/y.test.ts');

  test('as they are have a test, or a reason why none runs them', () => {
    expect(commandProblems()).toEqual([]);
  });

  test.each([
    ['run by a test', '<!-- run by: x/y.test.ts -->\n```bash\nls\n```'],
    ['not run, with a reason', '<!-- not run: needs an account -->\n```sh\nls\n```'],
    ['no command', '```json\n{}\n```\n    a diagram'],
  ])('%s: fine', (_, text) => {
    expect(problems(text)).toEqual([]);
  });

  test.each([
    ['without a mark', '```bash\nls\n```', 'a.md:1'],
    ['a mark that is not directly before it', '<!-- run by: x/y.test.ts -->\n\n```bash\nls\n```', 'a.md:3'],
    ['a reason that is empty', '<!-- not run: -->\n```console\n$ ls\n```', 'a.md:2'],
    ['a test that is not there', '<!-- run by: x/y.test.ts x/z.test.ts -->\n```bash\nls\n```', 'x/z.test.ts'],
    ['what is no test', '<!-- run by: README.md -->\n```bash\nls\n```', 'README.md'],
    ['only indented', '# A\n\n    npm run build', 'npm run build'],
  ])('%s: reported', (_, text, mention) => {
    expect(problems(text)).toHaveLength(1);
    expect(problems(text)[0]).toContain(mention);
  });
});

describe('pages in two languages', () => {
  const CHINESE = `# 题
[图](x.svg) [别处](en/b.md#c)

| 一 | 二 |
|---|---|
| 1 | 2 |

<!-- not run: 要账号 -->
\`\`\`bash
ls   # 列出
\`\`\`
- 项
`;
  const ENGLISH = CHINESE.replace('题', 'T')
    .replace('en/b.md#c', 'b.md#d')
    .replace('要账号', 'an account')
    .replace('列出', 'lists')
    .replace('x.svg', '../x.svg');
  const problems = (english: string) =>
    translationProblems(['docs/a.md', CHINESE], ['docs/en/a.md', english]);

  test('as they are say the same', () => {
    expect(allTranslationProblems()).toEqual([]);
  });

  test('words, comments, reasons and anchors may differ', () => {
    expect(problems(ENGLISH)).toEqual([]);
  });

  test.each([
    ['a section more', `${ENGLISH}## U\n`, '节'],
    ['another level', ENGLISH.replace('# T', '## T'), '级别'],
    ['another command', ENGLISH.replace('ls ', 'ls -a '), '代码块不同'],
    ['another language of a block', ENGLISH.replace('bash', 'sh'), '语言'],
    ['another test', ENGLISH.replace('not run: an account', 'run by: x.test.ts'), '由谁运行'],
    ['a link less', ENGLISH.replace('[别处](b.md#d)', ''), '链接'],
    ['another picture', ENGLISH.replace('../x.svg', '../y.svg'), '链接'],
    ['a row less', ENGLISH.replace('| 1 | 2 |\n', ''), '表格'],
    ['an item more', `${ENGLISH}- more\n`, '列表'],
  ])('%s: reported', (_, english, mention) => {
    expect(problems(english).join('\n')).toContain(mention);
  });

  test('a link between the two is not counted, one to the other page in its language is', () => {
    const pair = (chinese: string, english: string) =>
      translationProblems(['docs/client.md', chinese], ['docs/en/client.md', english]);
    expect(pair('a\n', '[中文](../client.md)\n')).toEqual([]);
    expect(pair('[p](protocol.md)\n', '[p](protocol.md)\n')).toEqual([]);
    expect(pair('[p](protocol.md)\n', '[p](deploy.md)\n')).toHaveLength(1);
  });

  test('the pictures differ in their texts only', () => {
    const drawing = (file: string): string =>
      readFileSync(join(ROOT, file), 'utf8').replace(/(<(?:text|title|desc)[^>]*>)[^<]*/g, '$1');
    expect(drawing('docs/en/architecture.svg')).toBe(drawing('docs/architecture.svg'));
  });
});

describe('the page of all interfaces', () => {
  test('is what the sources make of it', () => {
    expect(apiPageProblems()).toEqual([]);
  });

  test('an old one, one without a region and one with an unknown region are not', () => {
    const page = readPage(API_PAGE);
    expect(withGeneratedRegions(page.replace('| `BUSY` | 是 |', '| `BUSY` | 否 |'))).toBe(page);
    expect(() => withGeneratedRegions(page.replace('<!-- generated: errors -->', ''))).toThrow('errors');
    expect(() => withGeneratedRegions(page.replace('generated: errors', 'generated: faults'))).toThrow(
      'faults',
    );
  });

  test('names every public member of the client, and so do the pages about it', () => {
    const members = new Set<string>();
    const own = (object: object) =>
      Object.getOwnPropertyNames(object).filter((name) => !/^_|^constructor$/.test(name));
    for (
      let prototype = CloudBaseSocketIOClient.prototype;
      prototype !== Object.prototype;
      prototype = Object.getPrototypeOf(prototype)
    )
      for (const name of own(prototype)) members.add(name);
    for (const name of own(new CloudBaseSocketIOClient({ platform: null }))) members.add(name);
    expect(members.size).toBeGreaterThan(25);
    for (const file of [API_PAGE, 'docs/client.md', 'docs/en/client.md']) {
      const page = readPage(file);
      const missing = [...members].filter((name) => !new RegExp(`\\b${name}\\b`).test(page));
      expect(missing, file).toEqual([]);
    }
  });
});

describe('what a document shows of a command’s output', () => {
  const [shown, second] = sessionOf('$ one\na 12 ms\n会话 66db9a7b-6aba-4c5b-b6a9-82063086d3b8\n$ two\nb…\n');

  test('belongs to the command above it', () => {
    expect(shown?.command).toBe('one\n');
    expect(second).toEqual({ command: 'two\n', output: 'b…\n' });
  });

  test('may differ in times and ids, and where it says …', () => {
    const pattern = outputPattern(shown?.output ?? '');
    expect('a 7 ms\n会话 1f0c3a52-7f0e-4b5e-9a1c-2f4f0a9d7c11\n\n').toMatch(pattern);
    expect('a 7 ms\n').not.toMatch(pattern);
    expect('c 7 ms\n会话 1f0c3a52-7f0e-4b5e-9a1c-2f4f0a9d7c11\n').not.toMatch(pattern);
    expect('b and more\n').toMatch(outputPattern(second?.output ?? ''));
  });
});

test('every script of a document is one', () => {
  for (const [file, page] of markdownPages())
    for (const { language, text, line } of blocksOf(page))
      if (language === 'js')
        expect(
          () => parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowAwaitOutsideFunction: true }),
          `${file}:${line}`,
        ).not.toThrow();
});

test('every answer of the questions leads to where it is decided', () => {
  const questions = sectionsOf(readPage('docs/faq.md')).filter(({ level }) => level === 3);
  expect(questions.length).toBeGreaterThanOrEqual(30);
  for (const { title, lines } of questions) expect(targetsOf(lines), title).not.toEqual([]);
});

test('every page in English is held to a Chinese one', () => {
  const english = [...markdownPages().keys()].filter((file) => /\.en\.md$|^docs\/en\//.test(file));
  expect(english.sort()).toEqual(TRANSLATIONS.map(([, file]) => file).sort());
});
