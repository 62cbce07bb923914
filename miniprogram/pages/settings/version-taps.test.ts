import { expect, test } from 'vitest';
import { hintOf, VersionTaps } from './version-taps.ts';

test('seven taps in a row open the page; after four it is said how many are left', () => {
  let nowMs = 0;
  const taps = new VersionTaps(() => nowMs);
  const hints = Array.from({ length: 7 }, () => {
    nowMs += 2_000;
    return hintOf(taps.tap());
  });
  const left = (count: number) => `再点 ${count} 次，打开开发者页`;
  expect(hints).toEqual(['', '', '', left(3), left(2), left(1), '']);
  expect(taps.tap()).toBe(6);
});

test('a pause begins anew', () => {
  let nowMs = 0;
  const taps = new VersionTaps(() => nowMs);
  for (let tap = 0; tap < 6; tap++) taps.tap();
  nowMs = 3_001;
  expect(taps.tap()).toBe(6);
});
