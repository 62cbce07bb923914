import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literalFinder, replaceRanges } from './literal-search.ts';

test('whatever the query, it is found exactly where it occurs', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }),
      fc.array(fc.constantFrom('。', '、', '—'), { maxLength: 5 }),
      (query, before) => {
        const start = before.length;
        const ranges = literalFinder(query)(`${before.join('')}${query}。`);
        expect(ranges).toEqual([[start, start + query.length]]);
      },
    ),
  );
});

test('Latin letters match in either case, accents included', () => {
  expect(literalFinder('café')('CAFÉ Café')).toEqual([
    [0, 4],
    [5, 9],
  ]);
});

test('matches do not overlap', () => {
  expect(literalFinder('哈哈')('哈哈哈哈哈')).toEqual([
    [0, 2],
    [2, 4],
  ]);
});

test('a replacement is literal too, and text around it stays', () => {
  const text = 'a.b A.B';
  expect(replaceRanges(text, literalFinder('a.b')(text), '$& $1')).toBe('$& $1 $& $1');
  expect(replaceRanges('没有', [], '有')).toBe('没有');
});
