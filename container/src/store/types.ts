import type { LeaseRecord, Sentence, SessionRecord } from '../../../contract/records.ts';
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
      | 'checkpoint'
      | 'losses'
    >
  >;
  /** The tail is full: it is moved to a page first. */
  tailFull: boolean;
}

/** Which write of which owner: it takes effect only after write `seq` − 1 of the session, and once. */
export interface WriteId {
  sessionId: string;
  epoch: number;
  seq: number;
}

export interface SessionOwner {
  sessionId: string;
  epoch: number;
  writes: { storedSeq: number; attemptedSeq: number };
}

/** `stored: false`: the caller does not own the session any more; `record` is its present state, null: deleted. */
export type WriteAnswer = { stored: true } | { stored: false; record: SessionRecord | null };

/**
 * The session's records. Every method throws VoiceError STORE_UNAVAILABLE where the database did not answer, and
 * STORE_MISCONFIGURED where it refuses whatever is asked. A write may then have taken place or not, and is safe to repeat as it was.
 */
export interface SessionStore {
  /** @returns false where a session of this id exists */
  create(record: SessionRecord): Promise<boolean>;
  load(sessionId: string): Promise<SessionRecord | null>;
  /**
   * Makes the caller the owner of a session: raises the epoch if it is still as it was read in `seen`.
   * @returns the session under its new epoch; null where its owner or state had changed
   */
  claim(
    seen: SessionRecord,
    by: { clientId: string; claim: string; nowMs: number },
  ): Promise<SessionRecord | null>;
  /** A repeat of a write brings the same `patch`; `nowMs` (the heartbeat) may differ. */
  write(id: WriteId, patch: SessionPatch, nowMs: number): Promise<WriteAnswer>;
  /** Stored sentences with an index above `haveIndex`, in order. */
  sentencesAbove(sessionId: string, haveIndex: number): Promise<[index: number, sentence: Sentence][]>;
  complete(request: CompleteRequest): Promise<CompleteAnswer>;
  /**
   * Ends a session and deletes its content, if the owner's newest write is one of `writes`: the last that is known to be
   * stored, up to one that may be. A cancel that was given up must not end a session that has gone on since. After a failure the
   * session may be cancelled with pages left, which nothing shows: the same call again goes on.
   */
  cancel(owner: SessionOwner, nowMs: number): Promise<WriteAnswer>;
}

/**
 * The leases of all instances. Every method throws VoiceError STORE_UNAVAILABLE where the database did not answer, and
 * STORE_MISCONFIGURED where it refuses whatever is asked. What was asked may then have taken place, or may later.
 */
export interface LeaseStore {
  /** The leases of all instances, at most {@link MAX_LEASES}. What an answered `put` has written is among them. */
  list(): Promise<LeaseRecord[]>;
  /**
   * Writes a lease if the stored one still has the number `after`; undefined: if there is none. Whether it has taken place,
   * {@link list} tells.
   */
  put(lease: LeaseRecord, after: number | undefined): Promise<void>;
  /** @param seq only if it still has this number; undefined: whatever it has */
  remove(id: string, seq?: number): Promise<void>;
}

/** Leases that are read at once; where there are more, nobody takes more streams. */
export const MAX_LEASES = 200;
