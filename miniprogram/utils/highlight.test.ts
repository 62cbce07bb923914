import { describe, expect, test } from 'vitest';
import { excerptOf, segmentsOf } from './highlight.ts';

describe('segmentsOf', () => {
  test('marks what was hit and leaves the rest', () => {
    expect(segmentsOf('今天天气', [[1, 2]])).toEqual([
      { from: 0, text: '今', hit: false },
      { from: 1, text: '天', hit: true },
      { from: 2, text: '天气', hit: false },
    ]);
  });

  test.each([
    [[]],
    [[[0, 4]]],
    [
      [
        [2, 4],
        [0, 3],
      ],
    ],
    [[[3, 99]]],
    [[[7, 9]]],
    [[[2, 1]]],
  ] as [number, number][][][])('whatever the ranges %j, the pieces add up to the text', (ranges) => {
    expect(
      segmentsOf('今天天气', ranges)
        .map((segment) => segment.text)
        .join(''),
    ).toBe('今天天气');
  });
});

test('an excerpt begins shortly before the first hit', () => {
  const text = `${'前'.repeat(40)}云开发${'后'.repeat(5)}`;
  expect(excerptOf(text, [[40, 43]])).toEqual([
    { from: 0, text: `…${'前'.repeat(12)}`, hit: false },
    { from: 40, text: '云开发', hit: true },
    { from: 43, text: '后'.repeat(5), hit: false },
  ]);
  expect(excerptOf('云开发', [[0, 3]])).toEqual([{ from: 0, text: '云开发', hit: true }]);
});
