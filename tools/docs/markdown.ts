/** What the checks and tests of the documents need to know of a Markdown file; no more of the language than these documents use. */

/** A fenced block. */
export interface Block {
  language: string;
  /** Its lines, each with its end; the fence's own indentation is taken away. */
  text: string;
  /** Of the opening fence, from 1. */
  line: number;
  /** The HTML comment on the line directly before it. */
  comment: string | undefined;
}

export interface Table {
  rows: number;
  columns: number;
}

/** A heading and what stands below it, up to the next heading of any level. */
export interface Section {
  /** 0: what stands before the first heading. */
  level: number;
  title: string;
  line: number;
  /** Lines outside of fenced blocks. */
  lines: string[];
  blocks: Block[];
}

const HEADING = /^(#{1,6})\s+(.+?)\s*$/;
const FENCE = /^(\s*)(`{3,})\s*(\w*)\s*$/;
const COMMENT = /^\s*<!--\s*(.*?)\s*-->\s*$/;

/** The sections, in order; the first has level 0. */
export function sectionsOf(markdown: string): Section[] {
  let section: Section = { level: 0, title: '', line: 1, lines: [], blocks: [] };
  const sections = [section];
  const lines = markdown.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const [, indent = '', fence, language = ''] = FENCE.exec(line) ?? [];
    const [, marks, title = ''] = HEADING.exec(line) ?? [];
    if (fence !== undefined) {
      const end = lines.findIndex((other, at) => at > i && other.trim() === fence);
      const inside = lines.slice(i + 1, end < 0 ? lines.length : end);
      section.blocks.push({
        language,
        text: inside
          .map((one) => `${one.startsWith(indent) ? one.slice(indent.length) : one.trimStart()}\n`)
          .join(''),
        line: i + 1,
        comment: COMMENT.exec(lines[i - 1] ?? '')?.[1],
      });
      i += inside.length + 1;
    } else if (marks === undefined) section.lines.push(line);
    else {
      section = { level: marks.length, title, line: i + 1, lines: [], blocks: [] };
      sections.push(section);
    }
  }
  return sections;
}

/** The fenced blocks, in order. */
export const blocksOf = (markdown: string): Block[] => sectionsOf(markdown).flatMap(({ blocks }) => blocks);

const CODE = /`[^`\n]*`/g;
const TARGET = /\]\(([^)\s]+)(?:\s+"[^"]*")?\)|\b(?:src|href)="([^"]+)"/g;

/** Where links and images lead, in order. What stands in code is no link. */
export const targetsOf = (lines: readonly string[]): string[] =>
  [...lines.join('\n').replace(CODE, '').matchAll(TARGET)].map(([, link, html]) => link ?? html ?? '');

/** The tables of a section, in order. */
export function tablesOf(lines: readonly string[]): Table[] {
  const tables: Table[] = [];
  let inTable = false;
  for (const line of lines) {
    const isRow = line.startsWith('|');
    if (isRow && !inTable) tables.push({ rows: 0, columns: line.match(/(?<!\\)\|/g)?.length ?? 0 });
    if (isRow) (tables.at(-1) as Table).rows += 1;
    inTable = isRow;
  }
  return tables;
}

/** How many items its lists have. */
export const listItemsOf = (lines: readonly string[]): number =>
  lines.filter((line) => /^\s*(?:[-*]|\d+\.)\s/.test(line)).length;

/** A heading's text as it is read: without marks of code, emphasis and links. */
const readable = (title: string): string =>
  title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');

/** The anchor of a heading, as GitHub makes it of the text that is read. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

/** The anchors of a page, as GitHub makes them: of its headings, the second of a name with `-1`; and `<a id="…">`. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const { level, title, lines } of sectionsOf(markdown)) {
    if (level > 0) {
      const slug = anchorOf(readable(title));
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      anchors.add(before === 0 ? slug : `${slug}-${before}`);
    }
    for (const [, id = ''] of lines.join('\n').matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  }
  return anchors;
}
