import { posix } from 'node:path';
import {
  type Block,
  listItemsOf,
  type Section,
  sectionsOf,
  type Table,
  tablesOf,
  targetsOf,
} from '../docs/markdown.ts';
import { markOf } from '../docs/marks.ts';
import { readPage } from '../docs/pages.ts';

/** Pages that exist in both languages: the Chinese one, and the English one that says the same. */
export const TRANSLATIONS: readonly [chinese: string, english: string][] = [
  ['README.md', 'README.en.md'],
  ['docs/client.md', 'docs/en/client.md'],
  ['docs/protocol.md', 'docs/en/protocol.md'],
  ['docs/deploy.md', 'docs/en/deploy.md'],
  ['miniprogram/client/README.md', 'miniprogram/client/README.en.md'],
  ['miniprogram/voice/README.md', 'miniprogram/voice/README.en.md'],
  ['conformance/README.md', 'conformance/README.en.md'],
];
const CHINESE_OF = new Map(TRANSLATIONS.map(([chinese, english]) => [english, chinese]));
/** The Chinese file of an English one, also of a picture; any other path as it is. */
const chineseOf = (path: string): string => CHINESE_OF.get(path) ?? path.replace(/^docs\/en\//, 'docs/');

const LINE_COMMENT = /(^|\s)#.*$/gm;
/** Of a script, outside of the `://` of an address. */
const SCRIPT_COMMENT = /(^|[^:'"])\/\/.*$|\/\*[\s\S]*?\*\//gm;
const COMMENTS: Record<string, RegExp> = {
  bash: LINE_COMMENT,
  sh: LINE_COMMENT,
  nginx: LINE_COMMENT,
  yaml: LINE_COMMENT,
  js: SCRIPT_COMMENT,
  ts: SCRIPT_COMMENT,
};

/** What has to be the same in both languages. Of a diagram only its kind: its texts are for people. */
function essenceOf({ language, text }: Block): string {
  if (language === 'mermaid') return `${text.split('\n')[0]} ${text.split('\n').length}`;
  const comments = COMMENTS[language];
  const code = comments ? text.replace(comments, '$1') : text;
  return code
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

/** Who runs a block; why one is not run is for people. */
function markText(block: Block): string {
  const mark = markOf(block);
  if (mark === undefined) return '';
  return 'runBy' in mark ? `run by: ${mark.runBy.join(' ')}` : 'not run';
}

/** Where the links of a section lead, whichever language the page that they lead to is in; not the one to the other language. */
function linksOf(file: string, { title, lines }: Section): string[] {
  const own = chineseOf(file);
  return targetsOf([title, ...lines])
    .map((target) => {
      if (/^[a-z]+:/i.test(target)) return target;
      const [path = '', anchor] = target.split('#');
      const page = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path));
      const chinese = chineseOf(page);
      return chinese === own && path !== '' ? '' : `${chinese}${anchor === undefined ? '' : '#'}`;
    })
    .filter((target) => target !== '')
    .sort();
}

const sizeOf = ({ rows, columns }: Table): string => `${rows} 行 ${columns - 1} 列`;

/** How a section of the translation differs from the original. */
function differencesOf(
  [chineseFile, chinese]: [string, Section],
  [englishFile, english]: [string, Section],
): string[] {
  const compared: [what: string, original: readonly string[], translated: readonly string[]][] = [
    ['标题的级别', [`${chinese.level}`], [`${english.level}`]],
    ['代码块', chinese.blocks.map(essenceOf), english.blocks.map(essenceOf)],
    ['代码块的语言', chinese.blocks.map(languageOf), english.blocks.map(languageOf)],
    ['代码块由谁运行', chinese.blocks.map(markText), english.blocks.map(markText)],
    ['链接与图片', linksOf(chineseFile, chinese), linksOf(englishFile, english)],
    ['表格', tablesOf(chinese.lines).map(sizeOf), tablesOf(english.lines).map(sizeOf)],
    ['列表的项数', [`${listItemsOf(chinese.lines)}`], [`${listItemsOf(english.lines)}`]],
  ];
  return compared.flatMap(([what, original, translated]) => {
    const lines = firstDifference(original.join('\n').split('\n'), translated.join('\n').split('\n'));
    return lines === undefined ? [] : [`${what}不同：${lines[0]} ↔ ${lines[1]}`];
  });
}

const languageOf = ({ language }: Block): string => language;

/** The first two that are not the same; undefined: all are. */
function firstDifference(
  original: readonly string[],
  translated: readonly string[],
): [original: string, translated: string] | undefined {
  const length = Math.max(original.length, translated.length);
  for (let i = 0; i < length; i++)
    if (original[i] !== translated[i]) return [original[i] || '没有', translated[i] || '没有'];
  return undefined;
}

/** Where an English page does not say the same as the Chinese one, as far as headings, code, links, tables and lists tell. */
export function translationProblems(
  [chineseFile, chineseText]: [string, string],
  [englishFile, englishText]: [string, string],
): string[] {
  const chinese = sectionsOf(chineseText);
  const english = sectionsOf(englishText);
  const problems =
    chinese.length === english.length
      ? []
      : [`${englishFile}：有 ${english.length - 1} 节，${chineseFile} 有 ${chinese.length - 1} 节`];
  for (const [i, original] of chinese.entries()) {
    const translated = english[i];
    if (translated === undefined) break;
    for (const difference of differencesOf([chineseFile, original], [englishFile, translated]))
      problems.push(
        `${englishFile}:${translated.line}「${translated.title}」↔「${original.title}」：${difference}`,
      );
  }
  return problems;
}

/** Problems of all pages that exist in both languages. */
export const allTranslationProblems = (): string[] =>
  TRANSLATIONS.flatMap(([chinese, english]) =>
    translationProblems([chinese, readPage(chinese)], [english, readPage(english)]),
  );
