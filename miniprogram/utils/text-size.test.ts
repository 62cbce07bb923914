import { expect, test } from 'vitest';
import { MAX_SCALE, textScaleOf, textScaleStyle } from './text-size.ts';

test.each([
  [{ fontSizeScaleFactor: 1.25, fontSizeSetting: 20 }, false, 1.25],
  [{ fontSizeSetting: 20 }, false, 1.25],
  [{ fontSizeSetting: 17 }, true, 1],
  [{ fontSizeSetting: 17 }, false, 1.06],
  [{}, false, 1],
  // Smaller than usual would be hard to read; larger than the app can show is cut.
  [{ fontSizeScaleFactor: 0.8 }, false, 1],
  [{ fontSizeScaleFactor: 2 }, false, MAX_SCALE],
  [{ fontSizeScaleFactor: Number.NaN }, false, 1],
])('%o on iOS: %s gives %d', (info, isIos, scale) => {
  expect(textScaleOf(info, isIos)).toBe(scale);
});

test('it becomes the style of the page', () => {
  expect(textScaleStyle(1.4)).toBe('--text-scale: 1.4');
});
