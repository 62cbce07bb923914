import { VoiceError } from '../../contract/errors.ts';
import type { SessionSummary } from '../../contract/functions.ts';
import { samplesToMs } from '../../contract/limits.ts';
import { marksInOrder, SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { sleep } from '../../lib/clock.ts';
import { checkReadable } from '../../records/schema-version.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { findRecords } from '../shared/records.ts';
import type { Condition } from '../shared/store.ts';

/** The fields that a summary is made from. */
export const SUMMARY_FIELDS = [
  '_id',
  'source',
  'state',
  'engine',
  'title',
  'preview',
  'startedAt',
  'updatedAt',
  'endedAt',
  'samples',
  'sampleRate',
  'sentenceCount',
  'charCount',
  'losses',
  'pinnedAt',
  'tags',
  'marks',
] as const satisfies readonly (keyof SessionRecord)[];
export type SummaryRecord = Pick<SessionRecord, (typeof SUMMARY_FIELDS)[number]>;

export function summaryOf(record: SummaryRecord): SessionSummary {
  const marks = marksInOrder(record.marks);
  return {
    sessionId: record._id,
    source: record.source,
    state: record.state,
    engine: record.engine,
    title: record.title,
    preview: record.preview,
    startedAt: record.startedAt.getTime(),
    endedAt: record.endedAt?.getTime() ?? null,
    durationMs: samplesToMs(record.samples, record.sampleRate),
    sentenceCount: record.sentenceCount,
    charCount: record.charCount,
    losses: record.losses,
    ...(record.pinnedAt && { pinnedAt: record.pinnedAt.getTime() }),
    ...(record.tags && record.tags.length > 0 && { tags: record.tags }),
    ...(marks.length > 0 && { marks }),
  };
}

/** The caller's sessions that history shows: not deleted, not cancelled. */
export const visibleSessions = ({ caller, store }: CallContext): Condition => ({
  ...ownedBy(caller),
  state: store.command.in(['live', 'completed', 'interrupted']),
  deletedAt: store.command.eq(null),
});

/**
 * One session of the caller's, whole or in part.
 * @throws VoiceError NOT_FOUND, also for another user's session: whether it exists is not told; RECORD_TOO_NEW
 */
export async function sessionOf<K extends keyof SessionRecord = keyof SessionRecord>(
  sessionId: string,
  call: CallContext,
  fields?: readonly K[],
): Promise<Pick<SessionRecord, K>> {
  const [found] = await findRecords<typeof SESSIONS, K>(call.store, SESSIONS, {
    where: { ...visibleSessions(call), _id: sessionId },
    limit: 1,
    ...(fields && { fields }),
  });
  if (!found) throw new VoiceError('NOT_FOUND');
  checkReadable(found);
  return found;
}

/** The attempts after the second are for a database that shows a change late. */
const ATTEMPTS = 5;
const RETRY_DELAY_MS = 40;

/**
 * Reads and writes again while somebody else's write comes between the two.
 * @param attempt reads, and writes under the condition that all is as it was read; null: it was not
 * @throws VoiceError CONFLICT, and what `attempt` throws
 */
export async function retryOptimistic<T>(
  { clock }: CallContext,
  attempt: () => Promise<T | null>,
): Promise<T> {
  for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
    const done = await attempt();
    if (done !== null) return done;
    await sleep(clock, RETRY_DELAY_MS * tries);
  }
  throw new VoiceError('CONFLICT');
}
