import { expect, test } from 'vitest';
import type { SessionSummary } from '../../contract/functions.ts';
import { summaryView } from './summary.ts';

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

test('without a title the first words stand for it, and are not said twice', () => {
  expect(view()).toMatchObject({ title: '今天我们来谈谈', preview: '', meta: '今天 15:00 · 01:05 · 12 句' });
  expect(view({ title: '周会' })).toMatchObject({ title: '周会', preview: '今天我们来谈谈' });
  expect(view({ preview: '' }).title).toBe('（没有文字）');
});

test('only what is unusual gets a badge', () => {
  expect(view().badge).toBe('');
  expect(view({ state: 'interrupted' }).badge).toBe('意外中断');
  expect(view({ losses: [{ startMs: 0, endMs: 9, reason: 'asr' }] }).badge).toBe('有缺失');
});

test('a one-shot record is told apart by its kind', () => {
  expect(view({ source: 'oneshot', sentenceCount: 1 }).meta).toContain('一句话');
});
