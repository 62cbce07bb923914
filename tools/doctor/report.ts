import type { Check, Finding, Status } from './runner.ts';

const MARKS: Record<Status, string> = { ok: '✓', warned: '!', failed: '✗', skipped: '·' };

/** What people read of one check. */
export function lineOf<C>({ status, text, cause, mend, ms }: Finding, { title }: Check<C>): string {
  const took = ms >= 1_000 ? `（${(ms / 1_000).toFixed(1)} 秒）` : '';
  const line = `${MARKS[status]} ${title}：${status === 'ok' ? text : cause}${status === 'skipped' ? '' : took}`;
  return mend === null ? line : `${line}\n    → ${mend}`;
}
