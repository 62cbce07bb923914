import { PREVIEW_CHARS, samplesToMs } from '../contract/limits.ts';
import {
  checkpointOf,
  countChars,
  SESSIONS,
  type Sentence,
  type SessionRecord,
} from '../contract/records.ts';
import { cutText } from '../contract/text.ts';
import type { RecordsTx, RunTransaction } from './port.ts';
import { checkReadable, stampOver, upgraded } from './schema-version.ts';
import { addToStats } from './stats.ts';

export interface CompleteRequest {
  sessionId: string;
  state: 'completed' | 'interrupted';
  nowMs: number;
  /** Ends the session only under this epoch, and only if the owner's newest write is this one: the caller owns it. */
  owner?: { epoch: number; writeSeq: number };
  /** Ends the session only if its heartbeat is older than this, epoch ms: the caller does not own it. */
  orphanedBeforeMs?: number;
  /** Fields that are set in the same step. */
  patch?: Partial<Pick<SessionRecord, 'samples' | 'committedPos' | 'losses'>>;
}

export interface CompleteAnswer {
  /** `already`: it had ended before. `fenced`: it is live, and the caller may not end it. */
  outcome: 'completed' | 'already' | 'fenced' | 'missing';
  /** The session as it is now. */
  record: SessionRecord | null;
}

/** The fields that change when a sentence is appended. */
export const appendedSentence = (session: SessionRecord, sentence: Sentence) => ({
  nextIndex: session.nextIndex + 1,
  sentenceCount: session.sentenceCount + 1,
  charCount: session.charCount + countChars(sentence.text),
  preview: cutText(session.preview + sentence.text, PREVIEW_CHARS),
  sentences: { ...session.sentences, [session.nextIndex]: sentence },
});

/** The open sentence of a session whose new owner has heard nothing of it yet. */
function heardBeforeTakeover(session: SessionRecord): Sentence | null {
  const checkpoint = checkpointOf(session);
  const end = checkpoint?.words.at(-1);
  if (!checkpoint || !end) return null;
  const ms = (pos: number) => samplesToMs(pos, session.sampleRate);
  return { text: checkpoint.text, startMs: ms(checkpoint.startPos), endMs: ms(end.endPos) };
}

/**
 * Ends a live session and counts it, in one transaction, so that it is counted once, however often and by however many
 * it is asked for. The unfinished sentence is kept as recognised so far. A deleted session is ended and not counted.
 * @throws VoiceError CONFLICT, STORE_UNAVAILABLE, RECORD_TOO_NEW
 */
export const completeSession = (run: RunTransaction, request: CompleteRequest): Promise<CompleteAnswer> =>
  run((tx) => completeInTransaction(tx, request));

/** The same as a part of a larger transaction. */
export async function completeInTransaction(
  tx: RecordsTx,
  request: CompleteRequest,
): Promise<CompleteAnswer> {
  const stored = await tx.get<object>(SESSIONS, request.sessionId);
  if (!stored) return { outcome: 'missing', record: null };
  const found = upgraded(SESSIONS, stored);
  if (found.state !== 'live') return { outcome: 'already', record: found };
  const { owner } = request;
  const owned = !owner || (found.epoch === owner.epoch && found.writeSeq === owner.writeSeq);
  const orphaned =
    request.orphanedBeforeMs === undefined || found.updatedAt.getTime() < request.orphanedBeforeMs;
  if (!owned || !orphaned) return { outcome: 'fenced', record: found };
  checkReadable(found);

  const open = found.pending ?? heardBeforeTakeover(found);
  const patch: Partial<SessionRecord> = {
    ...(open && { ...appendedSentence(found, open), promotedIndex: found.nextIndex }),
    // An interrupted session may be resumed from it.
    ...(request.state === 'completed' && { checkpoint: null }),
    ...request.patch,
    ...stampOver(found),
    state: request.state,
    // under a raised epoch the next write of an owner that was only slow is refused
    epoch: owner ? found.epoch : found.epoch + 1,
    pending: null,
    endedAt: new Date(request.nowMs),
    updatedAt: new Date(request.nowMs),
  };
  const ended: SessionRecord = { ...found, ...patch };
  if (!ended.deletedAt) patch.counted = await addToStats(tx, ended, request.nowMs);
  await tx.update(SESSIONS, ended._id, patch);
  return { outcome: 'completed', record: { ...ended, ...patch } };
}
