import { formatAudioTime } from 'cloudbase-voice';
import type { SessionSummary } from '../../contract/functions.ts';
import { autoTitle } from './auto-title.ts';
import { formatDateTime, formatTime } from './format.ts';

/** A session as its own page shows it. */
export interface SummaryView {
  sessionId: string;
  title: string;
  preview: string;
  meta: string;
  /** What is unusual about it; mostly empty. */
  badge: string;
}

/** What a badge says about a session: `warn` where something is missing. */
export interface Badge {
  text: string;
  tone: 'plain' | 'busy' | 'warn';
}

export const titleOf = (session: SessionSummary): string => session.title || autoTitle(session);

const lengthsOf = ({ durationMs, sentenceCount }: SessionSummary): string[] => [
  formatAudioTime(durationMs),
  `${sentenceCount} 句`,
];

/** State and kind of a session, in few words. Where it is pinned is said by the list. */
export function badgesOf({ state, losses, source }: SessionSummary): Badge[] {
  const badges: Badge[] = [];
  if (state === 'live') badges.push({ text: '进行中', tone: 'busy' });
  if (state === 'interrupted') badges.push({ text: '中断', tone: 'warn' });
  if (state === 'cancelled') badges.push({ text: '已取消', tone: 'warn' });
  if (losses.length > 0) badges.push({ text: '有缺失', tone: 'warn' });
  if (source === 'oneshot') badges.push({ text: '一句话', tone: 'plain' });
  return badges;
}

/** `14:03 · 12:30 · 14 句`, for where a heading says the day. */
export const dayMeta = (session: SessionSummary): string =>
  [formatTime(session.startedAt), ...lengthsOf(session)].join(' · ');

/** `昨天 14:03 · 12:30 · 14 句`, for where nothing else says the day. */
export const fullMeta = (session: SessionSummary, nowMs: number): string =>
  [formatDateTime(session.startedAt, nowMs), ...lengthsOf(session)].join(' · ');

export const summaryView = (session: SessionSummary, nowMs: number): SummaryView => ({
  sessionId: session.sessionId,
  title: titleOf(session),
  preview: session.preview.trim(),
  meta: fullMeta(session, nowMs),
  badge: badgesOf(session)
    .map(({ text }) => text)
    .join(' · '),
});
