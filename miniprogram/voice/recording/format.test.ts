import { expect, test } from 'vitest';
import { formatAudioTime, formatDuration } from './format.ts';

test.each([
  [0, '00:00'],
  [7_999, '00:07'],
  [754_000, '12:34'],
  [3_723_000, '1:02:03'],
  [-5, '00:00'],
])('%i ms of audio read %s', (ms, text) => expect(formatAudioTime(ms)).toBe(text));

test.each([
  [8_400, '8 秒'],
  [60_000, '1 分'],
  [200_000, '3 分 20 秒'],
  [3_600_000, '1 小时'],
  [3_900_000, '1 小时 5 分'],
])('%i ms last %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([900, 15_900, 59_700, 754_800])('%i ms are the same seconds as a time and as a duration', (ms) => {
  const [minutes = 0, seconds = 0] = formatAudioTime(ms).split(':').map(Number);
  expect(formatDuration(ms)).toBe(minutes > 0 ? `${minutes} 分 ${seconds} 秒` : `${seconds} 秒`);
});
