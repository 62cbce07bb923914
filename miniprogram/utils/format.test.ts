import { describe, expect, test } from 'vitest';
import { formatCount, formatDateTime, formatDayHeading } from './format.ts';

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
