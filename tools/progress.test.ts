import { expect, test } from 'vitest';
import { FakeClock } from '../lib/fake-clock.ts';
import { Progress } from './progress.ts';

test('a step is named after 2 s, again every 10 s, and no more once it has ended', () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const progress = new Progress(clock, (line) => lines.push(line));
  progress.step('正在连接');
  clock.advanceSync(1_999);
  expect(lines).toEqual([]);
  clock.advanceSync(1);
  expect(lines).toEqual(['正在连接……（已 2 秒）']);
  clock.advanceSync(10_000);
  expect(lines).toHaveLength(2);
  progress.step('正在测量');
  clock.advanceSync(1_000);
  progress.end();
  clock.advanceSync(60_000);
  expect(lines).toEqual(['正在连接……（已 2 秒）', '正在连接……（已 12 秒）']);
});
