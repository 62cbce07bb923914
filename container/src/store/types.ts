import type { Sentence, SessionRecord } from '../../../contract/records.ts';
import type { CompleteAnswer, CompleteRequest } from '../../../records/complete.ts';

/** What the owner of a live session writes; all of it in one conditional update. */
export interface SessionPatch {
  /** New sentences by index; never an index that was written before. */
  sentences: Record<string, Sentence>;
  fields: Partial<
    Pick<
      SessionRecord,
      | 'clientId'
      | 'committedPos'
      | 'samples'
      | 'overlap'
      | 'nextIndex'
      | 'sentenceCount'
      | 'charCount'
      | 'preview'
      | 'pending'
      | 'losses'
    >
  >;
  /** The tail is full: it moves to a page first, unless `tailIndex` in the record shows that it did already. */
  turnPage: boolean;
  /** First index of the tail as the writer knows it. */
  tailIndex: number;
}

/** `fenced`: the session is not ours any more; `record` is what it is now (null: gone). */
export type WriteAnswer = { stored: true } | { stored: false; record: SessionRecord | null };

/**
 * The session's records. Every method throws VoiceError STORE_UNAVAILABLE where the database did not answer; the
 * write may then have taken place or not, and is safe to repeat as it was.
 */
export interface SessionStore {
  /** @returns false where a session of this id exists */
  create(record: SessionRecord): Promise<boolean>;
  load(sessionId: string): Promise<SessionRecord | null>;
  /**
   * Makes the caller the owner of a session as it was read: raises the epoch if nobody else did meanwhile.
   * @returns the session under its new epoch, or null where it changed: read it again
   */
  claim(
    seen: SessionRecord,
    by: { clientId: string; claim: string; nowMs: number },
  ): Promise<SessionRecord | null>;
  write(sessionId: string, epoch: number, patch: SessionPatch, nowMs: number): Promise<WriteAnswer>;
  /** Stored sentences with an index above `haveIndex`, in order. */
  sentencesAbove(sessionId: string, haveIndex: number): Promise<[index: number, sentence: Sentence][]>;
  complete(request: CompleteRequest): Promise<CompleteAnswer>;
  /** Ends a session without keeping anything of it. */
  cancel(sessionId: string, epoch: number, nowMs: number): Promise<WriteAnswer>;
}
