import { expect, test } from 'vitest';
import type { SessionSummary } from '../../contract/functions.ts';
import { badgesOf, dayMeta, summaryView } from './summary.ts';

/** A Tuesday. */
const NOW = new Date(2026, 2, 10, 15, 0).getTime();
const session = (over: Partial<SessionSummary> = {}): SessionSummary => ({
  sessionId: 'session-1',
  source: 'stream',
  state: 'completed',
  engine: '16k_zh',
  title: '',
  preview: '今天我们来谈谈',
  startedAt: NOW,
  endedAt: NOW,
  durationMs: 65_000,
  sentenceCount: 12,
  charCount: 100,
  losses: [],
  ...over,
});
const view = (over?: Partial<SessionSummary>) => summaryView(session(over), NOW);
const badges = (over?: Partial<SessionSummary>) => badgesOf(session(over)).map(({ text }) => text);
const losses = [{ startMs: 0, endMs: 9, reason: 'asr' as const }];

test('without a title, when it was and its first words stand for it', () => {
  expect(view()).toMatchObject({ title: '周二下午 · 今天我们来谈谈', meta: '今天 15:00 · 01:05 · 12 句' });
  expect(view({ title: '周会' })).toMatchObject({ title: '周会', preview: '今天我们来谈谈' });
  expect(view({ preview: '' }).title).toBe('周二下午 · 没有文字');
});

test('under a heading that says the day, only the time is told', () => {
  expect(dayMeta(session())).toBe('15:00 · 01:05 · 12 句');
});

test('only what is unusual gets a badge', () => {
  expect(badges()).toEqual([]);
  expect(badges({ state: 'live' })).toEqual(['进行中']);
  expect(badges({ state: 'interrupted', losses })).toEqual(['中断', '有缺失']);
  expect(badges({ source: 'oneshot' })).toEqual(['一句话']);
  expect(view({ state: 'interrupted', losses }).badge).toBe('中断 · 有缺失');
});
