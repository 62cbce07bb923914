import { type SampleRate, samplesToMs } from './limits.ts';
import type { Word } from './stream.ts';

/** Collections, declared with their indexes in cloudbaserc.json. */
export const SESSIONS = 'voice_sessions';
export const PAGES = 'voice_pages';
export const DAILY_STATS = 'voice_daily_stats';
export const UPLOADS = 'voice_uploads';
export const LEASES = 'voice_leases';

/** Version of the records that this release writes; what changed with each is in records/schema-version.ts. */
export const SCHEMA_VERSION = 2;
/**
 * The oldest version whose releases can read, and go on with, what this one writes. It may be raised only to a version that the
 * release before this one wrote: the two run side by side while one replaces the other.
 */
export const OLDEST_READER = 1;

/**
 * In every record; a record without it is of version 1. What every release must be able to do with every record rests on fields that no
 * version changes: `_id`, `_openid`, `sessionId`, `state`, `epoch`, `deletedAt`, `updatedAt`, `cloudPath`, `preparedAt`. With these
 * a record is refused to who does not own it, deleted and removed, also by a release that cannot read the rest.
 */
export interface Versioned {
  /** Of the release that made the record, or has become its owner since. */
  schemaVersion: number;
  /** Releases of a lower version must not read the record or go on with it. Never lowered. */
  oldestReader: number;
}

/** `live`: it goes on; `completed`: ended by its user; `interrupted`: broken off, and ended by the service; `cancelled`: nothing is kept. */
export type SessionState = 'live' | 'completed' | 'interrupted' | 'cancelled';

/** A stored sentence. The container writes it once; only people add `editedText`. */
export interface Sentence {
  text: string;
  startMs: number;
  endMs: number;
  words?: Word[];
  editedText?: string;
}

/** Audio that was not recognised: where in the session it was, and why. */
export interface Loss {
  /** Where it begins in the session's audio, ms. */
  startMs: number;
  /** Where it ends in the session's audio, ms. */
  endMs: number;
  /** `client-overflow`: the phone's buffer was full; `client-gap`: the client declared it lost; `asr`: the recogniser was unavailable, or answered nothing. */
  reason: 'client-overflow' | 'client-gap' | 'asr';
}

/**
 * The beginning of the open sentence that the recogniser does not change any more: whoever resumes the session begins to hear at
 * `pos`, and the sentence goes on. It moves only where hearing resumes; what the client may forget is `committedPos`.
 */
export interface SentenceCheckpoint {
  /** Of the sentence. The checkpoint holds only while this is the session's `nextIndex`. */
  index: number;
  /** In the pause behind the last of the words, in samples. */
  pos: number;
  text: string;
  /** Where the sentence begins, in samples. */
  startPos: number;
  /** Its words, positions in samples. */
  words: PositionedWord[];
}

export interface PositionedWord {
  text: string;
  startPos: number;
  endPos: number;
}

/** What a completion has added to the statistics; after a reopened session's next one only the difference is added. */
export interface StatsContribution {
  kind: 'completed' | 'interrupted' | 'oneshot';
  sentences: number;
  chars: number;
  durationMs: number;
}

/** The epochs that two sessions of one id begin with are at least this far apart. */
export const FIRST_EPOCHS_APART = 1_000;

/** How many owners a streamed session has had: 1, and one more for each change of its epoch. */
export const ownerNumber = ({ epoch }: Pick<SessionRecord, 'epoch'>): number => epoch % FIRST_EPOCHS_APART;

/**
 * `voice_sessions`, `_id` = session id. Every write of the owner is one conditional update
 * `where({ _id, epoch, state: 'live', writeSeq: n - 1 })` that sets `writeSeq: n`.
 */
export interface SessionRecord extends Versioned {
  _id: string;
  _openid: string;
  clientId: string;
  source: 'stream' | 'oneshot';
  state: SessionState;
  /**
   * Raised by every owner change; a write under another epoch changes nothing. Sessions of one id that were deleted for good and
   * created again begin with different epochs.
   */
  epoch: number;
  /**
   * Number of the owner's newest write, never reset. A write that was given up and repeated, and arrives after its repeat, no
   * longer meets the number before its own, and changes nothing.
   */
  writeSeq: number;
  /** Random, new for every claim: after a lost answer it tells whether the caller's own claim took effect or another's. */
  claim: string;
  engine: string;
  sampleRate: SampleRate;
  title: string;
  /** The first characters of the text. */
  preview: string;
  startedAt: Date;
  /** Heartbeat: the newest write of the owner. */
  updatedAt: Date;
  endedAt: Date | null;
  /** Day of `startedAt` in Asia/Shanghai: the statistics it counts in. */
  day: string;
  /** Audio received, in samples; at the end the session's whole length. */
  samples: number;
  /** All audio before it is settled, in samples. */
  committedPos: number;
  /** Text already stored that lies after `committedPos` (a forced final in mid-speech): it is removed when that audio is recognised again. */
  overlap: { text: string; endPos: number } | null;
  /** Index of the next sentence. */
  nextIndex: number;
  sentenceCount: number;
  charCount: number;
  /** Up to 50 newest sentences, keyed by index; the others are in `voice_pages`. */
  sentences: Record<string, Sentence>;
  /** Index of the first sentence that is not in a page. */
  tailIndex: number;
  /** The unfinished sentence as last recognised; it becomes a sentence only if the session is completed without its audio. */
  pending: Sentence | null;
  checkpoint: SentenceCheckpoint | null;
  /** Index of a sentence that came from `pending`; dropped again if the session is reopened, since its audio is then recognised. */
  promotedIndex: number | null;
  losses: Loss[];
  counted: StatsContribution | null;
  /**
   * Moments that the user marked, by audio time in ms; false: removed, and never to be set again. Written only by the function
   * `history`; absent in most records.
   */
  marks?: Record<string, boolean>;
  deletedAt: Date | null;
  /** When it was pinned; null or not there: it is not. As the two below: people's, never written by the container. */
  pinnedAt?: Date | null;
  tags?: string[];
  /** When the tags were last set; null or not there: it has none. */
  taggedAt?: Date | null;
}

/** `voice_pages`, `_id` = `<sessionId>_<firstIndex padded to 8>`: a full tail, moved out of the session document. */
export interface PageRecord extends Versioned {
  _id: string;
  _openid: string;
  sessionId: string;
  firstIndex: number;
  /** Indexes `firstIndex` … `firstIndex + count - 1`. */
  count: number;
  sentences: Record<string, Sentence>;
}

/** `voice_daily_stats`, `_id` = `<openid>_<YYYY-MM-DD>`, and `<openid>_total` for all days together. */
export interface StatsRecord extends Versioned {
  _id: string;
  _openid: string;
  day: string;
  sessions: number;
  completed: number;
  interrupted: number;
  oneshot: number;
  sentences: number;
  chars: number;
  durationMs: number;
  updatedAt: Date;
}

/**
 * `voice_uploads`, `_id` = {@link uploadId}: a file that may lie in the cloud storage, since a path for it was given out. Removed
 * with the file; functions cannot list a folder. What is used and forgotten is deleted a day after `preparedAt`; what is kept with
 * a record has one {@link KEPT_AHEAD_MS} later, so that no release takes it for forgotten.
 */
export interface UploadRecord extends Versioned {
  _id: string;
  _openid: string;
  cloudPath: string;
  preparedAt: Date;
  /** Of recorded audio: the record that it belongs to. */
  sessionId?: string;
  /** Of recorded audio that was uploaded: its `fileID` is this and then `cloudPath`. */
  root?: string;
}
/** A thousand years. */
export const KEPT_AHEAD_MS = 1_000 * 365 * 86_400_000;

/**
 * `voice_leases`, `_id` = one container instance: how many of the account's recogniser streams it may have open. Every write is
 * one conditional update `where({ _id, seq })` of the lease as it was last read.
 */
export interface LeaseRecord {
  _id: string;
  /** Streams that the instance has taken for itself; while it asks for more, those that it asks for. */
  slots: number;
  /** Its sessions that wait for one. */
  waiting: number;
  /** Number of the instance's newest write, which only rises. An instance whose number stands still counts as dead. */
  seq: number;
  /** By the instance's clock. For people: nothing is decided by it, since clocks differ. */
  renewedAt: Date;
}

export const ALL_DAYS = 'total';
export const statsId = (openid: string, day: string): string => `${openid}_${day}`;
/** @param name of the file in its owner's upload folder */
export const uploadId = (openid: string, name: string): string => `${openid}_${name}`;
export const pageId = (sessionId: string, firstIndex: number): string =>
  `${sessionId}_${String(firstIndex).padStart(8, '0')}`;

/** Stored sentences in order of index: a record's keys are strings and come in any order. */
export const sentencesInOrder = (
  sentences: Record<string, Sentence>,
): [index: number, sentence: Sentence][] =>
  Object.entries(sentences)
    .map(([index, sentence]): [number, Sentence] => [Number(index), sentence])
    .sort(([a], [b]) => a - b);

/**
 * The checkpoint of the session's open sentence, if it holds. A release that knows no checkpoints leaves one behind: by then the
 * sentence is stored, or the audio before it is settled without one.
 */
export const checkpointOf = ({
  checkpoint,
  nextIndex,
  committedPos,
}: SessionRecord): SentenceCheckpoint | null =>
  checkpoint?.index === nextIndex && checkpoint.pos >= committedPos ? checkpoint : null;

/**
 * The losses that remain when an interrupted session is resumed: what the recogniser did not recognise of the audio that is not
 * committed is heard again.
 */
export function lossesAtResume({ losses, committedPos, sampleRate }: SessionRecord): Loss[] {
  const committedMs = samplesToMs(committedPos, sampleRate);
  return losses.filter(({ reason, startMs }) => reason !== 'asr' || startMs < committedMs);
}

/** Characters that count in statistics: no white space, no punctuation, no symbols. */
export const countChars = (text: string): number => (text.match(/[\p{L}\p{N}]/gu) ?? []).length;

/** The moments that are marked, audio time in ms, in order. */
export const marksInOrder = (marks: SessionRecord['marks'] = {}): number[] =>
  Object.keys(marks)
    .filter((ms) => marks[ms])
    .map(Number)
    .sort((a, b) => a - b);

/** The text that is displayed: the edit where there is one. */
export const shownText = (sentence: Sentence): string => sentence.editedText ?? sentence.text;
