import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { MAX_MARKS } from '../../contract/limits.ts';
import { marksInOrder, SESSIONS, type SessionRecord } from '../../contract/records.ts';
import type { CallContext } from '../shared/define.ts';
import { retryOptimistic, sessionOf, visibleSessions } from './sessions.ts';

/**
 * Sets and removes marks, also while the session streams. Each has a field of its own, which is written only as it was read; a removed mark
 * leaves `false` behind. So a request that is repeated, or arrives after a later one, changes nothing.
 * @throws VoiceError NOT_FOUND, CONFLICT; TOO_LARGE: more than {@link MAX_MARKS}
 */
export async function changeMarks(
  { sessionId, add = [], remove = [] }: v.InferOutput<typeof HISTORY_ACTIONS.marks>,
  call: CallContext,
): Promise<HistoryAnswers['marks']> {
  const marks = await retryOptimistic(call, async () => {
    const { marks: before = {} } = await sessionOf(sessionId, call, ['_id', 'marks']);
    const after: NonNullable<SessionRecord['marks']> = { ...before };
    for (const ms of add) after[ms] ??= true;
    for (const ms of remove) after[ms] = false;
    const changed = Object.keys(after).filter((ms) => after[ms] !== before[ms]);
    if (changed.length === 0) return after;
    if (Object.keys(after).length > MAX_MARKS) throw new VoiceError('TOO_LARGE', { detail: 'marks' });
    const asRead = changed.map((ms) => [`marks.${ms}`, before[ms] ?? call.store.command.eq(null)]);
    const where = { ...visibleSessions(call), _id: sessionId, ...Object.fromEntries(asRead) };
    const patch = Object.fromEntries(changed.map((ms) => [`marks.${ms}`, after[ms]]));
    return (await call.store.update(SESSIONS, where, patch)) > 0 ? after : null;
  });
  return { sessionId, marks: marksInOrder(marks) };
}
