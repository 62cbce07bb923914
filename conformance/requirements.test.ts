import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../contract/errors.ts';
import type { CaseInfo } from './case.ts';
import { CLIENT_CASES } from './client-cases/index.ts';
import { SERVER_CASES } from './server-cases/index.ts';
import { UNTESTED } from './untested.ts';

type Level = 'MUST' | 'SHOULD' | 'MAY';

const LEVELS: Readonly<Record<string, Level>> = { 必须: 'MUST', 应当: 'SHOULD', 可以: 'MAY' };
const ROW = /^\| (R-[A-Z]+-\d+) \| (\S+) \| (.+) \|$/gm;
const CODE_ROW = /^\| (`[A-Z_]+`(?:、`[A-Z_]+`)*) \| ([是否]) \| .+ \|$/gm;

const page = readFileSync('docs/protocol.md', 'utf8');
const english = readFileSync('docs/en/protocol.md', 'utf8');
const rowsOf = (text: string): [id: string, level: Level][] =>
  [...text.matchAll(ROW)].map(([, id = '', level = '']) => [id, LEVELS[level] ?? (level as Level)]);

const requirements = rowsOf(page);
const levelOf = new Map(requirements);
const cases: readonly CaseInfo[] = [...SERVER_CASES, ...CLIENT_CASES];
const covered = new Set(cases.flatMap(({ ids }) => ids));

describe('the requirements of docs/protocol.md', () => {
  it('are numbered, each number once, and have a level', () => {
    expect(requirements.length).toBeGreaterThan(150);
    expect(levelOf.size).toBe(requirements.length);
    for (const [id, level] of requirements) expect(['MUST', 'SHOULD', 'MAY'], id).toContain(level);
  });

  it('are the same in both languages', () => {
    expect(rowsOf(english)).toEqual(requirements);
  });

  it('have a case each, or the reason why none can look at them', () => {
    const without = requirements
      .filter(([id, level]) => level !== 'MAY' && !covered.has(id))
      .map(([id]) => id);
    expect(without).toEqual(Object.keys(UNTESTED));
  });

  it('say of every error of a stream what contract/errors.ts says', () => {
    const rows = [...page.matchAll(CODE_ROW)].flatMap(([, codes = '', retriable]) =>
      codes.split('、').map((code) => [code.slice(1, -1), retriable === '是'] as const),
    );
    expect(rows.length).toBeGreaterThan(30);
    for (const [code, retriable] of rows)
      expect([code, ERRORS[code as keyof typeof ERRORS]?.retriable]).toEqual([code, retriable]);
  });
});

describe('the cases', () => {
  it('are more than 150, each with a name of its own', () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
    for (const list of [SERVER_CASES, CLIENT_CASES])
      expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  });

  it('name requirements that exist', () => {
    for (const { name, ids } of cases) {
      expect(ids.length, name).toBeGreaterThan(0);
      for (const id of ids) expect([...levelOf.keys()], name).toContain(id);
    }
  });

  it('are required where all that they look at is a MUST', () => {
    const wrong = cases.filter(
      ({ ids, level }) => (level === 'required') !== ids.every((id) => levelOf.get(id) === 'MUST'),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
