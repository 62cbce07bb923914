import type { Line } from 'cloudbase-voice';
import { describe, expect, test } from 'vitest';
import { hiddenRows, plainText, rowsOf, showEarlier, WINDOW_ROWS } from './rows.ts';

const line = (index: number, text: string, over: Partial<Line> = {}): Line => ({
  index,
  text,
  final: true,
  settled: true,
  startMs: index * 1_000,
  endMs: index * 1_000 + 900,
  ...over,
});

describe('rowsOf', () => {
  test('tells apart what may change, what is final and what is stored', () => {
    const rows = rowsOf(
      [line(0, '一'), line(1, '二', { settled: false }), line(2, '三', { settled: false, final: false })],
      [],
    );
    expect(rows.map((row) => row.kind)).toEqual(['settled', 'final', 'live']);
  });

  test('a loss stands at its place in the audio, also before the first and after the last sentence', () => {
    const losses = [
      { startMs: 9_000, endMs: 12_000, reason: 'asr' as const },
      { startMs: 0, endMs: 500, reason: 'client-gap' as const },
      { startMs: 1_500, endMs: 1_900, reason: 'client-overflow' as const },
    ];
    const rows = rowsOf([line(1, '一'), line(2, '二')], losses);
    expect(rows.map((row) => row.key)).toEqual(['loss-0', 'line-1', 'loss-1500', 'line-2', 'loss-9000']);
    expect(rows[4]?.text).toBe('此处 3 秒没有识别：识别服务中断');
  });

  test('a mark stands behind the sentence that was spoken, and in the copied text', () => {
    const lines = [line(0, '一'), line(1, '二')];
    expect(rowsOf(lines, [], [400, 8_000]).map((row) => row.key)).toEqual([
      'line-0',
      'mark-400',
      'line-1',
      'mark-8000',
    ]);
    expect(plainText(lines, [], [400])).toBe('一\n〔标记〕\n二');
  });

  test('a sentence without words is no row', () => {
    expect(rowsOf([line(0, '')], [])).toEqual([]);
  });
});

describe('the window', () => {
  test('puts early rows away in steps and never the newest', () => {
    expect(hiddenRows(WINDOW_ROWS, 0)).toBe(0);
    expect(hiddenRows(WINDOW_ROWS + 1, 0)).toBe(100);
    expect(hiddenRows(WINDOW_ROWS + 100, 100)).toBe(100);
  });

  test('gives them back on request, all of them', () => {
    expect(showEarlier(250)).toBe(150);
    expect(showEarlier(50)).toBe(0);
  });
});

test('the copied text holds every sentence and says where something is missing', () => {
  const text = plainText([line(0, '一'), line(4, '二')], [{ startMs: 2_000, endMs: 4_000, reason: 'asr' }]);
  expect(text).toBe('一\n〔此处 2 秒没有识别：识别服务中断〕\n二');
});
