import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Line } from '../../miniprogram/voice/session/voice-session.types.ts';
import { Display, formatTime, truncateStart } from './display.ts';

const line = (index: number, text: string, settled: boolean): Line => ({
  index,
  text,
  final: settled,
  settled,
  startMs: index * 1_000,
  endMs: index * 1_000 + 900,
});

/** A display, and what it has written so far. */
function shown(tty: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY: tty, columns: 20 });
  const display = new Display(stream as unknown as NodeJS.WriteStream, { words: false });
  return { display, written: () => String(stream.read() ?? '') };
}

describe('display', () => {
  test('each stored sentence is a line, once', () => {
    const { display, written } = shown(false);
    display.show([line(0, '你好', true), line(1, '世', false)]);
    display.show([line(0, '你好', true), line(1, '世界', true)]);
    expect(written()).toBe('[0:00.0 → 0:00.9] 你好\n[0:01.0 → 0:01.9] 世界\n');
  });

  test('a terminal shows in place what may still change', () => {
    const { display, written } = shown(true);
    display.show([line(0, '你', false)]);
    display.show([line(0, '你好', false)]);
    expect(written()).toBe('\r\u001b[2K你\r\u001b[2K你好');
  });
});

test('text that is too wide keeps its end; Chinese takes two columns', () => {
  expect(truncateStart('abc', 3)).toBe('abc');
  expect(truncateStart('abcd', 3)).toBe('…cd');
  expect(truncateStart('今天天气', 8)).toBe('今天天气');
  expect(truncateStart('今天天气', 7)).toBe('…天气');
});

test('times are minutes, seconds and tenths', () => {
  expect([formatTime(0), formatTime(59_960), formatTime(61_250)]).toEqual(['0:00.0', '1:00.0', '1:01.3']);
});
