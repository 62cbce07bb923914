import * as v from 'valibot';
import { AUDIO_FILE_NAME, MAX_AUDIO_FILE_SAMPLES } from './audio-file.ts';
import { isDay } from './day.ts';
import type { ErrorCode } from './errors.ts';
import { freeText } from './free-text.ts';
import {
  MAX_AUDIO_FILES_A_CALL,
  MAX_AUDIO_URLS,
  MAX_EDIT_CHARS,
  MAX_EDITS,
  MAX_MARKS,
  MAX_QUERY_CHARS,
  MAX_SESSIONS_AT_ONCE,
  MAX_TAG_CHARS,
  MAX_TAGS,
  MAX_TITLE_CHARS,
  ONESHOT_MAX_BASE64_BYTES,
} from './limits.ts';
import { idSchema, type Word } from './stream.ts';

/**
 * What the cloud functions take and answer. A request is `{ action, ... }`; an answer is the data itself, or
 * `{ code, message, retriable }` where it was refused (then, and only then, it has a `code`).
 */
export interface FunctionError {
  code: ErrorCode;
  message: string;
  retriable: boolean;
  detail?: string;
  requestId?: string;
}
export const isFunctionError = (answer: unknown): answer is FunctionError =>
  typeof answer === 'object' && answer !== null && typeof (answer as { code?: unknown }).code === 'string';

// --- history --------------------------------------------------------------------------------------------

const cursor = v.optional(v.nullable(freeText(400)));
const limitUpTo = (max: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max)));
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Moments in a session's audio, ms. */
const moments = v.optional(
  v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), v.maxLength(MAX_MARKS)),
);

export const EXPORT_FORMATS = ['txt', 'docx', 'srt', 'vtt', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const tag = v.pipe(freeText(MAX_TAG_CHARS), v.minLength(1));
/** Names of files of recorded audio. */
const audioNames = (max: number) =>
  v.pipe(
    v.array(
      v.pipe(
        v.string(),
        v.regex(AUDIO_FILE_NAME),
        v.check((name) => Number(AUDIO_FILE_NAME.exec(name)?.[5]) <= MAX_AUDIO_FILE_SAMPLES, 'too long'),
      ),
    ),
    v.minLength(1),
    v.maxLength(max),
  );
const sessionIds = v.pipe(v.array(idSchema), v.minLength(1), v.maxLength(MAX_SESSIONS_AT_ONCE));

export const HISTORY_ACTIONS = {
  /** Newest first; `tag`: only sessions that have it. */
  list: v.object({ action: v.literal('list'), cursor, limit: limitUpTo(50), tag: v.optional(tag) }),
  /**
   * One session and a page of its sentences, in order: from the beginning; with `from`, from this index on; with `before`, those
   * before this index. `cursor` goes on in the same direction, and takes precedence.
   */
  get: v.object({
    action: v.literal('get'),
    sessionId: idSchema,
    from: v.optional(index),
    before: v.optional(index),
    cursor,
    limit: limitUpTo(500),
  }),
  /**
   * Literal text in the sentences of one session: the indexes of those that contain it, at most 200 documents a call. With `limit`,
   * the call ends after so many, and brings the sentences too.
   */
  find: v.object({
    action: v.literal('find'),
    sessionId: idSchema,
    query: v.pipe(freeText(MAX_QUERY_CHARS), v.minLength(1)),
    cursor,
    limit: limitUpTo(MAX_EDITS),
  }),
  /** Literal text in titles, tags and sentences, newest session first; at most 200 documents a call. */
  search: v.object({
    action: v.literal('search'),
    query: v.pipe(freeText(MAX_QUERY_CHARS), v.minLength(1)),
    cursor,
  }),
  rename: v.object({
    action: v.literal('rename'),
    sessionId: idSchema,
    title: freeText(MAX_TITLE_CHARS),
  }),
  /** At most {@link MAX_PINNED} of a user's sessions are pinned. */
  pin: v.object({ action: v.literal('pin'), sessionId: idSchema, pinned: v.boolean() }),
  /** Replaces the session's tags; one that is given twice is taken once. */
  tags: v.object({
    action: v.literal('tags'),
    sessionId: idSchema,
    tags: v.pipe(v.array(tag), v.maxLength(MAX_TAGS)),
  }),
  /** `text: null` brings back what was recognised. */
  edit: v.object({
    action: v.literal('edit'),
    sessionId: idSchema,
    index,
    text: v.nullable(freeText(MAX_EDIT_CHARS)),
  }),
  /**
   * Several edits, each made only where the sentence still reads `from`. A call reads and writes a bounded number of documents: edits
   * that the answer does not name were not tried, and are to be sent again.
   */
  editMany: v.object({
    action: v.literal('editMany'),
    sessionId: idSchema,
    edits: v.pipe(
      v.array(
        v.object({
          index,
          from: v.pipe(v.string(), v.maxLength(MAX_EDIT_CHARS)),
          text: v.nullable(freeText(MAX_EDIT_CHARS)),
        }),
      ),
      v.minLength(1),
      v.maxLength(MAX_EDITS),
      v.check((edits) => new Set(edits.map((edit) => edit.index)).size === edits.length, 'an index twice'),
    ),
  }),
  /**
   * Sets and removes marks, moments that the user wants to find again. A removed one does not come back, so that requests may be repeated
   * and may arrive in any order. The audio may not have arrived yet.
   */
  marks: v.object({ action: v.literal('marks'), sessionId: idSchema, add: moments, remove: moments }),
  delete: v.object({ action: v.literal('delete'), sessionId: idSchema }),
  restore: v.object({ action: v.literal('restore'), sessionId: idSchema }),
  /** As `delete` and `restore`, several at once; those that do not exist are named and hinder no other. */
  deleteMany: v.object({ action: v.literal('deleteMany'), sessionIds }),
  restoreMany: v.object({ action: v.literal('restoreMany'), sessionIds }),
  /** Where to upload the recorded audio of a record, file by file. */
  prepareAudio: v.object({
    action: v.literal('prepareAudio'),
    sessionId: idSchema,
    names: audioNames(MAX_AUDIO_FILES_A_CALL),
  }),
  /** These files are uploaded, to the paths that `prepareAudio` gave: they stay as long as the record. */
  keepAudio: v.object({
    action: v.literal('keepAudio'),
    sessionId: idSchema,
    fileIDs: v.pipe(v.array(freeText(500)), v.minLength(1), v.maxLength(MAX_AUDIO_FILES_A_CALL)),
  }),
  /** The uploaded audio of a record; with `names` only these files, each with an address for its download. */
  audio: v.object({
    action: v.literal('audio'),
    sessionId: idSchema,
    names: v.optional(audioNames(MAX_AUDIO_URLS)),
  }),
  /** Deletes the uploaded audio of a record, or of all the caller's records: to be called again until `done`. */
  removeAudio: v.object({ action: v.literal('removeAudio'), sessionId: idSchema }),
  removeAllAudio: v.object({ action: v.literal('removeAllAudio'), confirm: v.literal(true) }),
  /**
   * Deletes all that is stored of the caller, for good: sessions, pages of sentences, statistics, uploaded files. In steps of bounded
   * length: to be called again until `done`; stopped in between, it goes on at the next call.
   */
  deleteAll: v.object({ action: v.literal('deleteAll'), confirm: v.literal(true) }),
  /**
   * `cursor` only where a session does not fit one answer: the contents are concatenated. A DOCX file comes whole, in Base64, or not
   * at all (TOO_LARGE): parts of it cannot be joined.
   */
  export: v.object({
    action: v.literal('export'),
    sessionId: idSchema,
    format: v.picklist(EXPORT_FORMATS),
    cursor,
  }),
} as const;

export type {
  AudioFile,
  Counts,
  DayCounts,
  DeletedCounts,
  EditResult,
  HistoryAnswers,
  SearchMatch,
  SentenceView,
  SessionSummary,
  StatsAnswers,
} from './function-answers.ts';

// --- stats ----------------------------------------------------------------------------------------------

const day = v.pipe(v.string(), v.check(isDay, 'no such day'), v.description('YYYY-MM-DD'));

export const STATS_ACTIONS = {
  today: v.object({ action: v.literal('today') }),
  /** Days `from` … `to` in Asia/Shanghai, both counted, at most 366; days without sessions are there with zeros. */
  range: v.object({ action: v.literal('range'), from: day, to: day }),
  totals: v.object({ action: v.literal('totals') }),
} as const;
export const STATS_MAX_DAYS = 366;

// --- recognize ------------------------------------------------------------------------------------------

/** Formats that one-shot recognition accepts, by its own names (Tencent Cloud 1093/35646, `VoiceFormat`). */
export const AUDIO_FORMATS = ['wav', 'pcm', 'ogg-opus', 'speex', 'silk', 'mp3', 'm4a', 'aac', 'amr'] as const;
export type AudioFormat = (typeof AUDIO_FORMATS)[number];

export const RECOGNIZE_ACTIONS = {
  /** Where to upload an audio file before `recognize { fileID }`: a client does not know its user's folder. */
  prepare: v.object({
    action: v.literal('prepare'),
    /** The same as in `recognize`: another attempt overwrites the same file. */
    sessionId: idSchema,
    format: v.picklist(AUDIO_FORMATS),
  }),
  recognize: v.object({
    action: v.optional(v.literal('recognize'), 'recognize'),
    /** Made by the client, so that a lost answer does not make (and pay for) a second record. */
    sessionId: v.optional(idSchema),
    /** Base64 of a whole file … */
    audio: v.optional(v.pipe(v.string(), v.maxLength(ONESHOT_MAX_BASE64_BYTES))),
    /** … or a cloud file in the caller's own folder `voice/<openid>/`, deleted afterwards. */
    fileID: v.optional(freeText(500)),
    /** Only needed for raw PCM and bare Speex, which have no header; a header takes precedence. */
    format: v.optional(v.picklist(AUDIO_FORMATS)),
    engine: v.optional(v.string()),
    wordTimes: v.optional(v.boolean()),
    title: v.optional(freeText(MAX_TITLE_CHARS)),
  }),
  /** The stored answer of an earlier `recognize`, for a caller who has lost it: the audio need not be sent again. */
  result: v.object({ action: v.literal('result'), sessionId: idSchema }),
} as const;

export interface PrepareAnswer {
  /** For `wx.cloud.uploadFile({ cloudPath })`. */
  cloudPath: string;
}

export interface RecognizeAnswer {
  sessionId: string;
  text: string;
  durationMs: number;
  words?: Word[];
}

/** The folder that a user's uploads must be in. */
export const uploadFolder = (openid: string): string => `voice/${openid}/`;

// --- ticket ---------------------------------------------------------------------------------------------

export const TICKET_ACTIONS = {
  issue: v.object({ action: v.optional(v.literal('issue'), 'issue') }),
} as const;
export type { Ticket as TicketAnswer } from './ticket.ts';

/** The request of one action, as the client writes it. */
export type RequestOf<A extends Record<string, v.GenericSchema>, K extends keyof A> = v.InferInput<A[K]>;
