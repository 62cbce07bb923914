import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { MAX_PINNED } from '../../contract/limits.ts';
import { SESSIONS } from '../../contract/records.ts';
import type { CallContext } from '../shared/define.ts';
import { retryOptimistic, sessionOf, visibleSessions } from './sessions.ts';

/**
 * Pins a session, or takes that back; in any state, also while it streams. Conditional on what it replaces, as `rename`. Two calls at
 * the same moment may both find room for the last pin: a list shows {@link MAX_PINNED} all the same.
 * @throws VoiceError NOT_FOUND, CONFLICT, TOO_MANY_PINNED
 */
export async function pin(
  { sessionId, pinned }: v.InferOutput<typeof HISTORY_ACTIONS.pin>,
  call: CallContext,
): Promise<HistoryAnswers['pin']> {
  const { store, nowMs } = call;
  const pinnedAt = await retryOptimistic(call, async () => {
    const { pinnedAt: before = null } = await sessionOf(sessionId, call, ['_id', 'pinnedAt']);
    if ((before !== null) === pinned) return { at: before };
    if (pinned) await checkRoom(call);
    const after = pinned ? new Date(nowMs) : null;
    const where = { ...visibleSessions(call), _id: sessionId, pinnedAt: before ?? store.command.eq(null) };
    return (await store.update(SESSIONS, where, { pinnedAt: after })) > 0 ? { at: after } : null;
  });
  return { sessionId, pinnedAt: pinnedAt.at?.getTime() ?? null };
}

async function checkRoom(call: CallContext): Promise<void> {
  const { store } = call;
  const pinned = await store.find<{ _id: string }>(SESSIONS, {
    where: { ...visibleSessions(call), pinnedAt: store.command.gt(new Date(0)) },
    limit: MAX_PINNED,
    fields: ['_id'],
  });
  if (pinned.length >= MAX_PINNED) throw new VoiceError('TOO_MANY_PINNED');
}

/**
 * Replaces the tags of a session; in any state. Conditional on the tags that it replaces.
 * @throws VoiceError NOT_FOUND, CONFLICT
 */
export async function setTags(
  request: v.InferOutput<typeof HISTORY_ACTIONS.tags>,
  call: CallContext,
): Promise<HistoryAnswers['tags']> {
  const { sessionId } = request;
  const { store, nowMs } = call;
  const tags = [...new Set(request.tags)];
  await retryOptimistic(call, async () => {
    const session = await sessionOf(sessionId, call, ['_id', 'tags', 'taggedAt']);
    const { tags: before = [], taggedAt = null } = session;
    if (before.length === tags.length && before.every((tag, at) => tag === tags[at])) return true;
    // newer than before also where two changes meet in one millisecond, so that it tells them apart
    const at = tags.length > 0 ? new Date(Math.max(nowMs, (taggedAt?.getTime() ?? 0) + 1)) : null;
    const where = { ...visibleSessions(call), _id: sessionId, taggedAt: taggedAt ?? store.command.eq(null) };
    return (await store.update(SESSIONS, where, { tags, taggedAt: at })) > 0 || null;
  });
  return { sessionId, tags };
}
