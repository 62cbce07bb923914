import { describe, expect, test } from 'vitest';
import { formatAudioTime, formatCount, formatDateTime, formatDayHeading, formatDuration } from './format.ts';

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

describe('formatDateTime', () => {
  const now = new Date(2026, 2, 10, 15, 0).getTime();
  const at = (...parts: [number, number, number, number, number]): string =>
    formatDateTime(new Date(...parts).getTime(), now);
  test('today and yesterday are by the calendar, not by 24 hours', () => {
    expect(at(2026, 2, 10, 0, 5)).toBe('今天 00:05');
    expect(at(2026, 2, 9, 23, 55)).toBe('昨天 23:55');
  });
  test('the year stands there only where it is another', () => {
    expect(at(2026, 0, 4, 9, 7)).toBe('1月4日 09:07');
    expect(at(2025, 11, 31, 9, 7)).toBe('2025年12月31日 09:07');
  });
});

test('a day has a heading of its own, with the weekday from the day before yesterday on', () => {
  const now = new Date(2026, 10, 30, 15, 0).getTime();
  const heading = (...parts: [number, number, number]): string =>
    formatDayHeading(new Date(...parts, 23, 59).getTime(), now);
  expect(heading(2026, 10, 30)).toBe('今天');
  expect(heading(2026, 10, 29)).toBe('昨天');
  expect(heading(2026, 10, 28)).toBe('11月28日 周六');
  expect(heading(2025, 11, 31)).toBe('2025年12月31日 周三');
});

test.each([
  [0, '0'],
  [9_999, '9999'],
  [10_000, '1万'],
  [12_999, '1.2万'],
  [340_000_000, '3.4亿'],
])('%i counts as %s', (value, text) => expect(formatCount(value)).toBe(text));
