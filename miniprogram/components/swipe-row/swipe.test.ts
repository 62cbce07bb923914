import { expect, test } from 'vitest';
import { ACTION_PX, endSwipe, moveSwipe, type Swipe, startSwipe } from './swipe.ts';

const along = (start: Swipe, ...points: [number, number][]): Swipe =>
  points.reduce((swipe, [x, y]) => moveSwipe(swipe, x, y), start);

test('a clear move to the left opens, as far as the action is wide and no further', () => {
  const swipe = along(startSwipe(300, 100, 0), [290, 101], [100, 102]);
  expect(swipe.offset).toBe(ACTION_PX);
  expect(endSwipe(swipe)).toBe(ACTION_PX);
});

test('a small move springs back', () => {
  expect(endSwipe(along(startSwipe(300, 100, 0), [280, 100]))).toBe(0);
});

test('scrolling the page never moves the row, even if the finger drifts later', () => {
  const swipe = along(startSwipe(300, 100, 0), [298, 120], [150, 200]);
  expect(swipe).toMatchObject({ direction: 'vertical', offset: 0 });
});

test('an open row closes by a move to the right', () => {
  expect(endSwipe(along(startSwipe(100, 100, ACTION_PX), [160, 100]))).toBe(0);
  expect(endSwipe(along(startSwipe(100, 100, ACTION_PX), [115, 100]))).toBe(ACTION_PX);
});
