import { expect, test } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.ts';
import { ProgressLine } from './progress-line.ts';

const MB = 1024 * 1024;

/** What is written while 10 MB arrive at 1 MB a second. */
function written(isTTY: boolean, total: number | undefined): string[] {
  const clock = new FakeClock();
  const texts: string[] = [];
  const line = new ProgressLine('下载', { isTTY, write: (text) => texts.push(text) }, clock);
  for (let i = 0; i <= 100; i++) {
    line.show((i * MB) / 10, total);
    clock.advanceSync(100);
  }
  line.end();
  return texts;
}

test('bytes, percent, speed and the time that is left, at most five times a second', () => {
  const texts = written(true, 10 * MB);
  expect(texts.length).toBeLessThanOrEqual(53);
  expect(texts).toContain('\r\x1b[K下载 5.0 / 10.0 MB（50%），每秒 1.0 MB，还要 5 秒');
  expect(texts.at(-2)).toBe('\r\x1b[K下载 10.0 / 10.0 MB（100%），每秒 1.0 MB');
  expect(texts.at(-1)).toBe('\n');
});

test('without a terminal a line every five seconds; without a total no percent', () => {
  expect(written(false, undefined)).toEqual([
    '下载 0.0 MB\n',
    '下载 5.0 MB，每秒 1.0 MB\n',
    '下载 10.0 MB，每秒 1.0 MB\n',
  ]);
});
