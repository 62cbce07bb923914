import { expect, test } from 'vitest';
import { LevelBars, SILENT_BARS } from './bars.ts';

test('the newest level stands last, and the number of bars stays', () => {
  const bars = new LevelBars();
  bars.add(0.5);
  const shown = bars.add(0.123);
  expect(shown.slice(-2).map(({ height }) => height)).toEqual([0.5, 0.12]);
  expect(shown).toHaveLength(SILENT_BARS.length);
});

test('silence is a dot, not nothing', () => {
  expect(new LevelBars().add(0)[0]).toEqual(SILENT_BARS[0]);
});
