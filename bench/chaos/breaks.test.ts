import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BREAK_NAMES, BREAKS, mutate } from './breaks.ts';

const MUTATION = { file: 'a.ts', find: 'let the rule hold', replace: '' };

describe('a break', () => {
  test('changes the one place that it names', () => {
    expect(mutate('x; let the rule hold; y', MUTATION)).toBe('x; ; y');
  });

  test('is refused where its place is gone, or not the only one', () => {
    expect(() => mutate('x', MUTATION)).toThrow('0 times');
    expect(() => mutate('let the rule hold, let the rule hold', MUTATION)).toThrow('2 times');
  });

  test.each(BREAK_NAMES)('%s fits the product as it is', (name) => {
    for (const mutation of BREAKS[name]) {
      const source = readFileSync(fileURLToPath(new URL(`../../${mutation.file}`, import.meta.url)), 'utf8');
      expect(mutate(source, mutation)).not.toBe(source);
    }
  });
});
