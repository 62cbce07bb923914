import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueOfRank } from './order-statistic.ts';

const levels = fc.array(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -90, max: 0, noNaN: true })),
  {
    minLength: 1,
    maxLength: 60,
  },
);

test('is what sorting would put there, also where values repeat', () => {
  fc.assert(
    fc.property(levels, fc.nat(), (given, any) => {
      const rank = any % given.length;
      const values = Float64Array.from(given);
      const sorted = Float64Array.from(given).sort();
      expect(valueOfRank(values, values.length, rank)).toBe(sorted[rank]);
      expect(values.sort()).toEqual(sorted);
    }),
  );
});

test('leaves what is behind the first values alone', () => {
  const values = Float64Array.of(3, 1, 2, -9);
  expect(valueOfRank(values, 3, 0)).toBe(1);
  expect(values[3]).toBe(-9);
});

test('of many in order, or all the same, it ends', () => {
  const ascending = Float64Array.from({ length: 1_000 }, (_, i) => i);
  expect(valueOfRank(ascending, 1_000, 900)).toBe(900);
  expect(valueOfRank(new Float64Array(1_000), 1_000, 50)).toBe(0);
});
