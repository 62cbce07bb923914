import { errorTextOf } from '../services/error-text.ts';
import type { PendingOutcome } from '../services/pending.ts';
import { lengthOf } from './format.ts';

/** What became of recordings that an earlier run of the app could not deliver, for a banner. */
export interface PendingNotice {
  tone: 'ok' | 'warn' | 'bad';
  title: string;
  hint: string;
  /** `open`: the delivered session; `resume`: try again. */
  action: 'none' | 'open' | 'resume';
  label: string;
  sessionId: string;
}

const WAITING = { tone: 'warn', action: 'resume', label: '继续上传', sessionId: '' } as const;

/** A recording that was just left before it was saved. */
export const LEFT_NOTICE: PendingNotice = {
  ...WAITING,
  title: '录音已保存在手机上，还没有上传',
  hint: '网络恢复后可以继续，下次打开时也会自动上传。',
};

const total = (outcomes: readonly PendingOutcome[]): string =>
  lengthOf(outcomes.reduce((sum, outcome) => sum + outcome.recordedMs, 0));

/** The one thing worth saying: what still waits comes first, then what is lost, then what has arrived. */
export function pendingNotice(outcomes: readonly PendingOutcome[]): PendingNotice | null {
  const kept = outcomes.filter(({ result }) => result === 'kept');
  if (kept.length > 0) {
    const title = `上次的录音还没有上传（${total(kept)}）`;
    const hint = kept[0]?.error ? errorTextOf(kept[0].error).hint : '';
    return { ...WAITING, title, hint };
  }
  const gone = outcomes.filter(({ result }) => result === 'gone');
  if (gone.length > 0) {
    const title = `上次的录音没能上传（${total(gone)}）`;
    const hint = gone[0]?.error ? errorTextOf(gone[0].error).hint : '';
    return { tone: 'bad', title, hint, action: 'none', label: '', sessionId: '' };
  }
  const delivered = outcomes.filter(({ result }) => result === 'delivered');
  const newest = delivered.at(-1);
  if (newest === undefined) return null;
  return {
    tone: 'ok',
    title: `上次中断的录音已补传（${total(delivered)}）`,
    hint: '',
    action: 'open',
    label: '查看',
    sessionId: newest.answer?.id ?? newest.sessionId,
  };
}
