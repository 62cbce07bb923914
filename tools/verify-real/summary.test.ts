import { expect, test } from 'vitest';
import type { Recording } from './recording.ts';
import { paidMs, scenarios } from './scenarios.ts';
import { summaryLine, summaryOf } from './summary.ts';

const word = (text: string, stable_flag: number, start_time = 100) => ({
  word: text,
  start_time,
  end_time: start_time + 100,
  stable_flag,
});
const result = (slice_type: number, words: ReturnType<typeof word>[], index = 0) => ({
  code: 0,
  result: {
    slice_type,
    index,
    start_time: 0,
    end_time: 900,
    voice_text_str: words.map((one) => one.word).join(''),
    word_list: words,
  },
});
const recording = (given: Partial<Recording>): Recording => ({
  scenario: 'level',
  engine: '16k_zh',
  params: {},
  audioMs: 2_000,
  pace: 1,
  sent: [
    { atMs: 100, audioMs: 200 },
    { atMs: 1_900, audioMs: 2_000 },
  ],
  received: [],
  close: null,
  ...given,
});

test('what a connection shows: sentences, words with times, and stable words that did not stay', () => {
  const messages = [
    { code: 0 },
    result(0, [word('今', 1), word('天', 0)]),
    result(1, [word('今', 1), word('天', 1), word('田', 0)]),
    // the second stable word was changed, the third was never called stable
    result(1, [word('今', 1), word('田', 1), word('天', 0)]),
    result(2, [word('今', 1), word('田', 1), word('气', 1)]),
    { code: 0, final: 1 },
  ];
  const received = messages.map((message, n) => ({ atMs: n * 500, message }));
  const summary = summaryOf(
    recording({
      received: [...received, { atMs: 2_600, unreadable: 'no json' }],
      close: { atMs: 2_700, code: 1000, reason: '' },
    }),
  );
  expect(summary).toMatchObject({
    codes: [],
    unreadable: 1,
    pace: 1.05,
    sentences: 1,
    text: '今田气',
    words: { timed: 3, all: 3 },
    stable: { words: 8, stable: 5, changed: 1 },
    finalAfterMs: 700,
    close: { code: 1000 },
  });
  expect(summaryLine(summary)).toContain('5/8 个词标为稳定，其中 1 个后来改了');
});

test('a refusal: its code, and no pace', () => {
  const received = [{ atMs: 5, message: { code: 4000, message: 'too fast' } }];
  const summary = summaryOf(
    recording({ scenario: 'burst', received, close: { atMs: 9, code: 1005, reason: '' } }),
  );
  expect(summary).toMatchObject({ codes: [4000], pace: null, sentences: 0 });
  expect(summaryLine(summary)).toBe('burst：错误码 4000；9 毫秒后关闭（1005）');
});

test('it stays within a paid minute', () => {
  expect(paidMs(scenarios(35))).toBeLessThan(60_000);
});
