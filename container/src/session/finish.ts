import { VoiceError } from '../../../contract/errors.ts';
import { samplesToMs } from '../../../contract/limits.ts';
import type { SessionRecord } from '../../../contract/records.ts';
import type { CompletedEvent, StopAnswer } from '../../../contract/stream.ts';
import { type Clock, sleep } from '../../../lib/clock.ts';
import type { DatabaseBudget } from '../store/database-budget.ts';
import type { SessionOwner, SessionStore } from '../store/types.ts';
import { SESSION_RULES } from './rules.ts';

interface FinishDeps {
  store: SessionStore;
  budget: DatabaseBudget;
  clock: Clock;
}

/** Requests of a transaction that ends a record: begin, get, two each for the statistics of the day and in all, update, commit. */
const COMPLETE_COST = 8;
/** The same for a cancel without pages. */
const CANCEL_COST = 4;

/** What `stop` answers for a record that has ended. */
export const stopAnswerOf = (record: SessionRecord): StopAnswer => ({
  id: record._id,
  sentences: record.sentenceCount,
  durationMs: samplesToMs(record.samples, record.sampleRate),
});

export const completedEventOf = (record: SessionRecord): CompletedEvent => ({
  ...stopAnswerOf(record),
  sessionId: record._id,
  state: record.state === 'interrupted' ? 'interrupted' : 'completed',
});

const isRetriableError = (error: unknown): boolean => error instanceof VoiceError && error.retriable;

/**
 * Ends a record and counts it; repeated until the store says what has become of the record.
 * @param session `endPos`: all audio of the session lies before it, samples; `writeSeq`: the owner's last write
 * @param isOver whether the session has been let go meanwhile, so that nothing is to be completed any more
 * @returns the ended record, or `fenced` and what the record is where it is not ours any more (null: gone)
 * @throws VoiceError SESSION_ENDED: `isOver`
 */
export async function completeRecord(
  { store, budget, clock }: FinishDeps,
  session: {
    record: SessionRecord;
    state: 'completed' | 'interrupted';
    endPos: number;
    writeSeq: number;
  },
  isOver: () => boolean,
): Promise<{ fenced: false; record: SessionRecord } | { fenced: true; record: SessionRecord | null }> {
  const { record, state, endPos, writeSeq } = session;
  for (let tries = 1; ; tries++) {
    await budget.acquire('commit', COMPLETE_COST);
    if (isOver()) throw new VoiceError('SESSION_ENDED');
    try {
      const { outcome, record: now } = await store.complete({
        sessionId: record._id,
        owner: { epoch: record.epoch, writeSeq },
        state,
        nowMs: clock.now(),
        // An interrupted session may be resumed, from where it is settled.
        patch: { samples: endPos, ...(state === 'completed' && { committedPos: endPos }) },
      });
      const ours = now?.epoch === record.epoch && now.state !== 'live' && now.state !== 'cancelled';
      return now && ours && outcome !== 'fenced'
        ? { fenced: false, record: now }
        : { fenced: true, record: now };
    } catch (error) {
      if (!isRetriableError(error)) throw error;
      await sleep(clock, SESSION_RULES.storeRetryMs * Math.min(tries, 5));
    }
  }
}

/**
 * The session is still this client's, under another epoch: another instance has it, to which the client was connected meanwhile; or
 * somebody whose clock is ahead took it for one without an owner, and ended it. Had the client come back, it would have got it.
 */
const isSameClients = (now: SessionRecord, { epoch, clientId }: SessionRecord): boolean =>
  (now.state === 'live' || now.state === 'interrupted') &&
  now.epoch !== epoch &&
  now.clientId === clientId &&
  !now.deletedAt;

/**
 * Ends a record without keeping anything of it; a record that is cancelled already is fine.
 * @param writes the owner's newest write, read at each attempt
 * @param client that asked: once it has gone, nothing is taken from the instance where it may be now
 * @throws VoiceError STORE_UNAVAILABLE, CONFLICT (ask again), SESSION_ENDED (it is not the client's to cancel any more)
 */
export async function cancelRecord(
  { store, budget, clock, newId }: FinishDeps & { newId: () => string },
  record: SessionRecord,
  writes: () => SessionOwner['writes'],
  client: { readonly isAttached: boolean },
): Promise<void> {
  const sessionId = record._id;
  let owned = { epoch: record.epoch, writes };
  for (let tries = 1; ; tries++) {
    await budget.acquire('commit', CANCEL_COST);
    try {
      const { epoch } = owned;
      const answer = await store.cancel({ sessionId, epoch, writes: owned.writes() }, clock.now());
      if (answer.stored || answer.record?.state === 'cancelled') return;
      const { record: now } = answer;
      if (now && client.isAttached && isSameClients(now, record)) {
        const by = { clientId: now.clientId, claim: newId(), nowMs: clock.now() };
        const claimed = await store.claim(now, by);
        const { writeSeq } = claimed ?? now;
        if (claimed)
          owned = { epoch: claimed.epoch, writes: () => ({ storedSeq: writeSeq, attemptedSeq: writeSeq }) };
        throw new VoiceError('CONFLICT');
      }
      // Still ours: a write took place between the reading of `writes` and this.
      throw new VoiceError(now?.epoch === epoch && now.state === 'live' ? 'CONFLICT' : 'SESSION_ENDED');
    } catch (error) {
      if (!isRetriableError(error) || tries >= SESSION_RULES.cancelTries) throw error;
      await sleep(clock, SESSION_RULES.storeRetryMs);
    }
  }
}
