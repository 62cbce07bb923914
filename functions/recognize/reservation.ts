import type { Engine } from '../../contract/engines.ts';
import { VoiceError } from '../../contract/errors.ts';
import { msToSamples } from '../../contract/limits.ts';
import { SESSIONS, type Sentence, type SessionRecord } from '../../contract/records.ts';
import { appendedSentence } from '../../records/complete.ts';
import { newSession } from '../../records/new-session.ts';
import { checkReadable, stampOver, upgraded } from '../../records/schema-version.ts';
import { addToStats } from '../../records/stats.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { findRecords } from '../shared/records.ts';

/**
 * A one-shot session before its answer: the id is reserved, so that the same request sent twice is paid once. In state
 * `cancelled` history does not show it, statistics do not count it, and the timer removes what a crash left.
 */
export interface Reservation {
  sessionId: string;
  /** Random; differs from that of a call which took the reservation over after it expired. */
  claim: string;
}

/** After this another call may take the reservation over; the function's own limit is 60 s. */
const RESERVED_FOR_MS = 70_000;

/** Whether a call may still be working on it; later the reservation is only what a crash left. */
export const isReserved = ({ state, updatedAt }: SessionRecord, nowMs: number): boolean =>
  state === 'cancelled' && updatedAt.getTime() >= nowMs - RESERVED_FOR_MS;

/**
 * The caller's one-shot session that has this id already.
 * @returns null: none; `state` is `cancelled` while it is being worked on
 * @throws VoiceError BAD_REQUEST (a streamed session), SESSION_DELETED, RECORD_TOO_NEW
 */
export async function findOneShot(
  sessionId: string,
  { caller, store }: CallContext,
): Promise<SessionRecord | null> {
  const [found] = await findRecords(store, SESSIONS, {
    where: { ...ownedBy(caller), _id: sessionId },
    limit: 1,
  });
  if (!found) return null;
  if (found.source !== 'oneshot') throw new VoiceError('BAD_REQUEST', { detail: 'sessionId' });
  if (found.deletedAt) throw new VoiceError('SESSION_DELETED');
  checkReadable(found);
  return found;
}

/**
 * Reserves the id.
 * @throws VoiceError CONFLICT while another call works on the same request, FORBIDDEN where the id is another's
 */
export async function reserve(
  { sessionId, claim }: Reservation,
  what: { engine: string; sampleRate: Engine['sampleRateHz']; title: string },
  call: CallContext,
): Promise<void> {
  const { store, nowMs, caller } = call;
  const { _openid } = ownedBy(caller);
  const record = newSession(
    { _id: sessionId, _openid, clientId: '', source: 'oneshot', state: 'cancelled', claim, ...what },
    nowMs,
  );
  if ((await store.insert(SESSIONS, record)) === 'duplicate') {
    const taken = await store.update(
      SESSIONS,
      {
        ...ownedBy(caller),
        _id: sessionId,
        source: 'oneshot',
        state: 'cancelled',
        updatedAt: store.command.lt(new Date(nowMs - RESERVED_FOR_MS)),
      },
      { claim, updatedAt: new Date(nowMs) },
    );
    if (taken === 0) throw await refusalOf(sessionId, call);
  }
}

/** Why an id cannot be reserved: another call of the same user has it, or it is another user's. */
const refusalOf = async (sessionId: string, call: CallContext): Promise<VoiceError> =>
  (await findOneShot(sessionId, call))
    ? new VoiceError('CONFLICT')
    : new VoiceError('FORBIDDEN', { detail: 'sessionId' });

/** Removes the reservation after a failure, so that the same request may be tried again at once. */
export const releaseReservation = (
  { sessionId, claim }: Reservation,
  { store }: CallContext,
): Promise<unknown> => store.remove(SESSIONS, { _id: sessionId, claim, state: 'cancelled' });

/**
 * Stores the answer and counts it, in one transaction.
 * @throws VoiceError CONFLICT where another call took the reservation over, SESSION_DELETED
 */
export async function completeReservation(
  { sessionId, claim }: Reservation,
  what: { durationMs: number; sentence: Sentence | null },
  { store, nowMs }: CallContext,
): Promise<void> {
  await store.transaction(async (tx) => {
    const stored = await tx.get<object>(SESSIONS, sessionId);
    const found = stored && upgraded(SESSIONS, stored);
    if (found?.claim !== claim) throw new VoiceError('CONFLICT');
    // the user had everything deleted meanwhile
    if (found.deletedAt) throw new VoiceError('SESSION_DELETED');
    // the answer to an earlier commit was lost
    if (found.state === 'completed') return;
    const { sentence } = what;
    const samples = msToSamples(what.durationMs, found.sampleRate);
    const ended: SessionRecord = {
      ...found,
      ...stampOver(found),
      state: 'completed',
      updatedAt: new Date(nowMs),
      endedAt: new Date(nowMs),
      samples,
      committedPos: samples,
      ...(sentence && appendedSentence(found, sentence)),
    };
    const { _id, ...doc } = ended;
    await tx.set(SESSIONS, _id, { ...doc, counted: await addToStats(tx, ended, nowMs) });
  });
}
