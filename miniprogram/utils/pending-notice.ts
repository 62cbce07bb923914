import { errorTextOf, formatDuration, type PendingOutcome } from 'cloudbase-voice';

/** Banner about recordings that an earlier run of the app has saved. */
export interface PendingNotice {
  tone: 'ok' | 'warn' | 'bad';
  title: string;
  hint: string;
  /** `open`: shows the delivered session; `resume`: tries again. */
  action: 'none' | 'open' | 'resume';
  label: string;
  sessionId: string;
}

const WAITING = { tone: 'warn', action: 'resume', label: '继续上传', sessionId: '' } as const;

/** The user has left a recording before it was delivered. */
export const LEFT_NOTICE: PendingNotice = {
  ...WAITING,
  title: '录音已保存在手机上，还没有上传',
  hint: '网络恢复后可以继续，下次打开时也会自动上传。',
};

const totalLength = (outcomes: readonly PendingOutcome[]): string =>
  formatDuration(outcomes.reduce((sum, outcome) => sum + outcome.recordedMs, 0));

/** One notice for all outcomes: about those still pending, else those that cannot be delivered, else those delivered. */
export function pendingNotice(outcomes: readonly PendingOutcome[]): PendingNotice | null {
  const pending = outcomes.filter(({ result }) => result === 'pending');
  if (pending.length > 0) {
    const title = `上次的录音还没有上传（${totalLength(pending)}）`;
    const hint = pending[0]?.error ? errorTextOf(pending[0].error).hint : '';
    return { ...WAITING, title, hint };
  }
  const undeliverable = outcomes.filter(({ result }) => result === 'undeliverable');
  if (undeliverable.length > 0) {
    const title = `上次的录音没能上传（${totalLength(undeliverable)}）`;
    const hint = undeliverable[0]?.error ? errorTextOf(undeliverable[0].error).hint : '';
    return { tone: 'bad', title, hint, action: 'none', label: '', sessionId: '' };
  }
  const delivered = outcomes.filter(({ result }) => result === 'delivered');
  const newest = delivered[delivered.length - 1];
  if (newest === undefined) return null;
  return {
    tone: 'ok',
    title: `上次中断的录音已补传（${totalLength(delivered)}）`,
    hint: '',
    action: 'open',
    label: '查看',
    sessionId: newest.answer?.id ?? newest.sessionId,
  };
}
