import { expect, test } from 'vitest';
import { positionAt } from './bar.ts';

test.each([
  [0, 0],
  [50, 0],
  [150, 30_000],
  [250, 60_000],
  [999, 60_000],
])('a touch at %i px of a bar from 50 to 250 px means %i ms', (x, ms) => {
  expect(positionAt(x, { left: 50, width: 200 }, 60_000)).toBe(ms);
});

test('a bar that is not drawn yet means the beginning', () => {
  expect(positionAt(100, { left: 0, width: 0 }, 60_000)).toBe(0);
});
