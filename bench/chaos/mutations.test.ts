import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applyEdit, MUTATION_NAMES, MUTATIONS } from './mutations.ts';

const EDIT = { file: 'a.ts', find: 'let the rule hold', replace: '' };

describe('a mutation', () => {
  test('replaces the one occurrence of its text', () => {
    expect(applyEdit('x; let the rule hold; y', EDIT)).toBe('x; ; y');
  });

  test('is refused when its text does not occur, or occurs twice', () => {
    expect(() => applyEdit('x', EDIT)).toThrow('0 times');
    expect(() => applyEdit('let the rule hold, let the rule hold', EDIT)).toThrow('2 times');
  });

  test.each(MUTATION_NAMES)('%s fits the present source', (name) => {
    for (const edit of MUTATIONS[name]) {
      const source = readFileSync(fileURLToPath(new URL(`../../${edit.file}`, import.meta.url)), 'utf8');
      expect(applyEdit(source, edit)).not.toBe(source);
    }
  });
});
