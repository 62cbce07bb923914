import { expect, test } from 'vitest';
import { afterScroll, FOLLOWING } from './follow.ts';

const at = (scrollTop: number, scrollHeight = 2_000) => ({ scrollTop, scrollHeight, viewHeight: 500 });

test('scrolling along with new text keeps following', () => {
  const there = afterScroll(FOLLOWING, at(1_500));
  expect(there.following).toBe(true);
  expect(afterScroll(there, at(1_540, 2_200)).following).toBe(true);
});

test('a reader who scrolls up is left in peace, also while text grows', () => {
  const there = afterScroll(FOLLOWING, at(1_500));
  const up = afterScroll(there, at(1_200));
  expect(up.following).toBe(false);
  expect(afterScroll(up, at(1_210, 2_400)).following).toBe(false);
});

test('coming back to the end follows again', () => {
  const up = afterScroll(afterScroll(FOLLOWING, at(1_500)), at(900));
  expect(afterScroll(up, at(1_470)).following).toBe(true);
});

test('text that became shorter is not taken for the reader', () => {
  const there = afterScroll(FOLLOWING, at(1_500));
  expect(afterScroll(there, at(1_450, 1_950)).following).toBe(true);
});
