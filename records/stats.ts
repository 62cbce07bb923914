import { samplesToMs } from '../contract/limits.ts';
import {
  ALL_DAYS,
  DAILY_STATS,
  type SessionRecord,
  type StatsContribution,
  type StatsRecord,
  statsId,
} from '../contract/records.ts';
import type { RecordsTx } from './port.ts';
import { checkReadable, NEW_RECORD, stampOver, upgraded } from './schema-version.ts';

const emptyStats = (openid: string, day: string): Omit<StatsRecord, '_id' | 'updatedAt'> => ({
  ...NEW_RECORD,
  _openid: openid,
  day,
  sessions: 0,
  completed: 0,
  interrupted: 0,
  oneshot: 0,
  sentences: 0,
  chars: 0,
  durationMs: 0,
});

/** What an ended session adds to the statistics. */
const countedOf = (session: SessionRecord): StatsContribution => ({
  kind:
    session.source === 'oneshot' ? 'oneshot' : session.state === 'interrupted' ? 'interrupted' : 'completed',
  sentences: session.sentenceCount,
  chars: session.charCount,
  durationMs: samplesToMs(session.samples, session.sampleRate),
});

/**
 * Adds an ended session to the owner's day and total, less what an earlier completion of the same
 * session (`session.counted`) already added: a session that was reopened and completed again counts once.
 * @returns what has now been counted, to be stored with the session in the same transaction
 * @throws VoiceError RECORD_TOO_NEW
 */
export async function addToStats(
  tx: RecordsTx,
  session: SessionRecord,
  nowMs: number,
): Promise<StatsContribution> {
  const now = countedOf(session);
  const was = session.counted;
  for (const day of [session.day, ALL_DAYS]) {
    const id = statsId(session._openid, day);
    const stored = await tx.get<object>(DAILY_STATS, id);
    const before = stored ? upgraded(DAILY_STATS, stored) : { _id: id, ...emptyStats(session._openid, day) };
    checkReadable(before);
    const { _id, ...stats } = before;
    if (was) stats[was.kind] -= 1;
    else stats.sessions += 1;
    stats[now.kind] += 1;
    stats.sentences += now.sentences - (was?.sentences ?? 0);
    stats.chars += now.chars - (was?.chars ?? 0);
    stats.durationMs += now.durationMs - (was?.durationMs ?? 0);
    await tx.set(DAILY_STATS, id, { ...stats, ...stampOver(stats), updatedAt: new Date(nowMs) });
  }
  return now;
}
