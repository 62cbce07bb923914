import type { SessionSummary } from '../../contract/functions.ts';
import { formatAudioTime, formatDateTime } from './format.ts';

const STATES: Record<SessionSummary['state'], string> = {
  live: '录音中',
  completed: '',
  interrupted: '意外中断',
  cancelled: '已取消',
};

/** A session as lists and its own page show it. */
export interface SummaryView {
  sessionId: string;
  title: string;
  /** Empty where the title is already the preview. */
  preview: string;
  meta: string;
  /** Unusual state; mostly empty. */
  badge: string;
}

export function summaryView(session: SessionSummary, nowMs: number): SummaryView {
  const preview = session.preview.trim();
  const parts = [
    formatDateTime(session.startedAt, nowMs),
    formatAudioTime(session.durationMs),
    session.source === 'oneshot' ? '一句话' : `${session.sentenceCount} 句`,
  ];
  return {
    sessionId: session.sessionId,
    title: session.title || preview || '（没有文字）',
    preview: session.title ? preview : '',
    meta: parts.join(' · '),
    badge: STATES[session.state] || (session.losses.length > 0 ? '有缺失' : ''),
  };
}
