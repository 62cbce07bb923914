import { describe, expect, test } from 'vitest';
import { EXPORT_FORMATS, type SentenceView, type SessionSummary } from '../../contract/functions.ts';
import type { Loss } from '../../contract/records.ts';
import { clockText, type ExportItem, FORMATS, type Format, fileNameOf, lossText } from './formats.ts';

const { json, srt, txt, vtt } = FORMATS;

const session: SessionSummary = {
  sessionId: 'session-1',
  source: 'stream',
  state: 'completed',
  engine: '16k_zh',
  title: '周会',
  preview: '大家好',
  // 2026-11-20 23:59:59 in Shanghai
  startedAt: Date.UTC(2026, 10, 20, 15, 59, 59),
  endedAt: null,
  durationMs: 3_723_004,
  sentenceCount: 2,
  charCount: 6,
  losses: [],
};
const said = (text: string, startMs = 0, endMs = 1_500): ExportItem => ({
  sentence: { index: 0, text, startMs, endMs },
});
const lost = (startMs: number, endMs: number, reason: Loss['reason'] = 'client-gap'): ExportItem => ({
  loss: { startMs, endMs, reason },
});
const written = (format: Format, pieces: ExportItem[], of: SessionSummary = session): string =>
  format.head(of) + pieces.map((piece, at) => format.piece(piece, at + 1)).join('') + format.foot(of);

describe('SRT', () => {
  test('is exact, with a loss as a cue of its own', () => {
    expect(written(srt, [said('大家好。'), lost(1_500, 4_700), said('再见', 3_723_004, 3_724_999)])).toBe(
      '1\n00:00:00,000 --> 00:00:01,500\n大家好。\n\n' +
        '2\n00:00:01,500 --> 00:00:04,700\n〔此处约 3.2 秒音频未送达〕\n\n' +
        '3\n01:02:03,004 --> 01:02:04,999\n再见\n\n',
    );
  });
  test('keeps text from breaking a cue: arrows, blank lines, and an end before the start', () => {
    expect(written(srt, [said('a --> b\n\n\r\n  \n1\n00:00 c', 1_000, 1_000)])).toBe(
      '1\n00:00:01,000 --> 00:00:01,001\na → b\n1\n00:00 c\n\n',
    );
  });
});

describe('WebVTT', () => {
  test('is exact and escapes markup and arrows', () => {
    expect(written(vtt, [said('1 < 2 && x --> <b>\u2028y', 500, 900)])).toBe(
      'WEBVTT\n\n1\n00:00:00.500 --> 00:00:00.900\n1 &lt; 2 &amp;&amp; x --&gt; &lt;b&gt;\ny\n\n',
    );
  });
});

describe('TXT', () => {
  test('is exact, with the title, the day in Shanghai and a time before each sentence', () => {
    expect(written(txt, [said('大家好。'), lost(1_500, 61_500, 'asr'), said('再见', 61_500, 62_000)])).toBe(
      '周会\n2026-11-20 23:59　时长 01:02:03\n\n' +
        '[00:00:00] 大家好。\n[00:00:01] 〔此处约 60.0 秒音频未能识别〕\n[00:01:01] 再见\n',
    );
  });
  test('holds nothing that a spreadsheet would run', () => {
    for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', ' =HYPERLINK("x")']) {
      const text = written(txt, [said(`第一行\n${formula}`)], { ...session, title: formula });
      for (const line of text.split('\n')) expect(line).not.toMatch(/^\s*[=+\-@]/);
      expect(written(txt, [said(formula)])).toContain(`] '${formula}`);
    }
  });
});

describe('JSON', () => {
  test('gives back exactly what was stored, in time order, losses among it', () => {
    const sentence: SentenceView = {
      index: 0,
      text: '=1 --> "x"\n\n<b>',
      original: '原文',
      startMs: 1,
      endMs: 2,
      words: [{ text: '原', startMs: 1, endMs: 2 }],
    };
    const loss: Loss = { startMs: 0, endMs: 1, reason: 'client-overflow' };
    expect(JSON.parse(written(json, [{ loss }, { sentence }]))).toEqual({
      session,
      pieces: [{ loss, text: '〔此处约 0.0 秒音频未送达〕' }, sentence],
    });
    expect(JSON.parse(written(json, []))).toEqual({ session, pieces: [] });
  });
});

test('an emptied sentence leaves no line and no cue', () => {
  for (const format of [srt, vtt, txt]) expect(format.piece(said('  \n '), 1)).toBe('');
});

test('a loss says how long it is and why', () => {
  expect(lossText({ startMs: 0, endMs: 3_240, reason: 'client-overflow' })).toBe(
    '〔此处约 3.2 秒音频未送达〕',
  );
  expect(lossText({ startMs: 0, endMs: 900, reason: 'asr' })).toBe('〔此处约 0.9 秒音频未能识别〕');
});

test('times have two digits or more and carry over', () => {
  expect([0, 59_999, 60_000, 3_599_999, 3_600_000, 360_000_000].map((ms) => clockText(ms, '.'))).toEqual([
    '00:00:00.000',
    '00:00:59.999',
    '00:01:00.000',
    '00:59:59.999',
    '01:00:00.000',
    '100:00:00.000',
  ]);
});

test('file names are valid on every system', () => {
  const named = (title: string) => fileNameOf({ ...session, title }, 'txt');
  expect(named('周会')).toBe('周会.txt');
  expect(named('../../etc/passwd')).toBe('etc passwd.txt');
  expect(named('a\u202Egpj\u0000\n:*?"<>|b')).toBe('a gpj b.txt');
  expect(named('...')).toBe('语音记录 2026-11-20.txt');
  expect(named('CON')).toBe('语音记录 2026-11-20.txt');
  expect(named('😀'.repeat(100))).toBe(`${'😀'.repeat(30)}.txt`);
  expect(EXPORT_FORMATS.map((format) => fileNameOf(session, format))).toEqual([
    '周会.txt',
    '周会.docx',
    '周会.srt',
    '周会.vtt',
    '周会.json',
  ]);
});
