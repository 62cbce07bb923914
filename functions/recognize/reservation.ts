import { randomUUID } from 'node:crypto';
import type { Engine } from '../../contract/engines.ts';
import { VoiceError } from '../../contract/errors.ts';
import { msToSamples, PREVIEW_CHARS } from '../../contract/limits.ts';
import { countChars, SESSIONS, type Sentence, type SessionRecord } from '../../contract/records.ts';
import { newSession } from '../../records/new-session.ts';
import { raiseStats } from '../../records/stats.ts';
import { ownedBy } from '../shared/caller.ts';
import type { Call } from '../shared/define.ts';

/**
 * A one-shot session before its answer: the id is taken, so that the same request sent twice is paid once. In state
 * `cancelled`, history does not show it, nothing counts it, and the timer removes what a crash left.
 */
export interface Reservation {
  sessionId: string;
  /** Tells our reservation from one that took over after ours grew old. */
  claim: string;
}

/** No call works on a request for longer, the function's own limit being 60 s; then another may take it over. */
const RESERVED_FOR_MS = 70_000;

/**
 * The caller's one-shot session that has this id already.
 * @returns null: none; `state` is `cancelled` while it is being worked on
 * @throws VoiceError BAD_REQUEST (a streamed session), SESSION_DELETED
 */
export async function existing(sessionId: string, { caller, store }: Call): Promise<SessionRecord | null> {
  const [found] = await store.find<SessionRecord>(SESSIONS, {
    where: { ...ownedBy(caller), _id: sessionId },
    limit: 1,
  });
  if (!found) return null;
  if (found.source !== 'oneshot') throw new VoiceError('BAD_REQUEST', { detail: 'sessionId' });
  if (found.deletedAt) throw new VoiceError('SESSION_DELETED');
  return found;
}

export const newReservation = (sessionId: string): Reservation => ({ sessionId, claim: randomUUID() });

/**
 * Takes the id.
 * @throws VoiceError CONFLICT while another call works on the same request, FORBIDDEN where the id is another's
 */
export async function reserve(
  { sessionId, claim }: Reservation,
  what: { engine: string; sampleRate: Engine['sampleRateHz']; title: string },
  call: Call,
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
        updatedAt: store.is.lt(new Date(nowMs - RESERVED_FOR_MS)),
      },
      { claim, updatedAt: new Date(nowMs) },
    );
    if (taken === 0) throw await refusalOf(sessionId, call);
  }
}

/** Why an id is not to be had: the caller's own call has it, or it is another's. */
const refusalOf = async (sessionId: string, call: Call): Promise<VoiceError> =>
  (await existing(sessionId, call))
    ? new VoiceError('CONFLICT')
    : new VoiceError('FORBIDDEN', { detail: 'sessionId' });

/** Gives the id back after a failure, if it was taken, so that the same request may be tried again at once. */
export const release = ({ sessionId, claim }: Reservation, { store }: Call): Promise<unknown> =>
  store.remove(SESSIONS, { _id: sessionId, claim, state: 'cancelled' });

/**
 * Stores the answer and counts it, in one transaction.
 * @throws VoiceError CONFLICT where another call took the reservation over
 */
export async function fulfil(
  { sessionId, claim }: Reservation,
  what: { durationMs: number; sentence: Sentence | null },
  { store, nowMs }: Call,
): Promise<void> {
  await store.transaction(async (tx) => {
    const found = await tx.get<SessionRecord>(SESSIONS, sessionId);
    if (found?.claim !== claim) throw new VoiceError('CONFLICT');
    // the answer to an earlier commit was lost
    if (found.state === 'completed') return;
    const { sentence } = what;
    const samples = msToSamples(what.durationMs, found.sampleRate);
    const ended: SessionRecord = {
      ...found,
      state: 'completed',
      updatedAt: new Date(nowMs),
      endedAt: new Date(nowMs),
      samples,
      committedPos: samples,
      ...(sentence && {
        sentences: { 0: sentence },
        nextIndex: 1,
        sentenceCount: 1,
        charCount: countChars(sentence.text),
        preview: sentence.text.slice(0, PREVIEW_CHARS),
      }),
    };
    const { _id, ...doc } = ended;
    await tx.set(SESSIONS, _id, { ...doc, counted: await raiseStats(tx, ended, nowMs) });
  });
}
