import * as v from 'valibot';
import { DEFAULT_ENGINE, engineOf } from './engines.ts';
import { VoiceError, type WireError } from './errors.ts';
import { freeText } from './free-text.ts';
import {
  BYTES_PER_SAMPLE,
  CLIENT_RING_MS,
  CREDIT_MS,
  hotwordBytes,
  MAX_FRAME_BYTES,
  MAX_HOTWORD_CHARS,
  MAX_HOTWORD_CJK_CHARS,
  MAX_HOTWORDS,
  MAX_HOTWORDS_BYTES,
  MAX_TITLE_CHARS,
  SAMPLE_RATES_HZ,
  type SampleRate,
  SILENCE_MS,
} from './limits.ts';

/** The streaming namespace; `/` answers every event with `USE_NAMESPACE`. */
export const NAMESPACE = '/realtime-voice';

// --- client → container ---------------------------------------------------------------------------------

/** Ids are made by clients, so they are checked before they become document ids. */
export const idSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{8,64}$/));
const posSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** The same without the schema, for every frame of audio. */
const isPos = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** A word that the recogniser is to expect. */
export interface Hotword {
  /** Up to 10 Chinese characters or 30 letters, without white space, `|` and `,`. */
  word: string;
  /** 1 … 11, or 100: as if it were spelled like that always. */
  weight: number;
}

const hotwordSchema = v.object({
  word: v.pipe(freeText(MAX_HOTWORD_CHARS), v.minLength(1), v.regex(/^[^\s|,]+$/)),
  weight: v.optional(
    v.union([v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(11)), v.literal(100)]),
    10,
  ),
}) satisfies v.GenericSchema<unknown, Hotword>;

/**
 * How a frame holds its samples. `pcm`: 16 bits each, little-endian. `adpcm`: one block of IMA ADPCM (`lib/ima-adpcm.ts`), about a
 * quarter of the bytes, for links that are too slow for PCM.
 */
export const AUDIO_ENCODINGS = ['pcm', 'adpcm'] as const;
export type AudioEncoding = (typeof AUDIO_ENCODINGS)[number];
/** More than there will be; what is not known is left out of the answer. */
const MAX_OFFERED_ENCODINGS = 16;

export const startSchema = v.object({
  sessionId: v.optional(idSchema),
  clientId: v.optional(idSchema),
  engine: v.optional(v.string(), DEFAULT_ENGINE),
  sampleRate: v.optional(v.picklist(SAMPLE_RATES_HZ)),
  hotwords: v.optional(v.pipe(v.array(hotwordSchema), v.maxLength(MAX_HOTWORDS))),
  wordTimes: v.optional(v.boolean(), false),
  silenceMs: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(SILENCE_MS.min), v.maxValue(SILENCE_MS.max)),
  ),
  title: v.optional(freeText(MAX_TITLE_CHARS)),
  /** The ticket, where the handshake had none. */
  token: v.optional(v.string()),
  /** How the client can send audio, besides PCM; the answer says what of it is taken. */
  encodings: v.optional(v.pipe(v.array(v.string()), v.maxLength(MAX_OFFERED_ENCODINGS))),
  resume: v.optional(
    v.object({
      /** Newest index that the client knows to be stored (`settledIndex`); −1: none. Finals above it come again. */
      haveIndex: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
      /** Whether the session may be taken from another client: only where a person asked for it. Default true. */
      takeOver: v.optional(v.boolean(), true),
    }),
  ),
});
export type StartRequest = v.InferInput<typeof startSchema>;

/** A `start` that passed every check. */
export interface StartOptions {
  sessionId: string | undefined;
  clientId: string | undefined;
  engine: string;
  sampleRate: SampleRate;
  hotwords: Hotword[];
  wordTimes: boolean;
  silenceMs: number;
  title: string;
  token: string | undefined;
  /** Those that the client offered and that are known here. */
  encodings: AudioEncoding[];
  resume: { haveIndex: number; takeOver: boolean } | undefined;
}

const CJK = /[\u3400-\u9fff\uf900-\ufaff]/g;
const pathOf = (issue: v.BaseIssue<unknown>): string => v.getDotPath(issue) ?? '(root)';

/**
 * Checks a `start` payload against the schema and the engine's abilities, and fills the defaults, so that nothing
 * unknown reaches a paid service.
 * @throws VoiceError BAD_REQUEST, UNKNOWN_ENGINE, BAD_SAMPLE_RATE, BAD_HOTWORDS
 */
export function parseStart(payload: unknown): StartOptions {
  // the schema would accept an array as an object without any field
  const parsed = v.safeParse(startSchema, Array.isArray(payload) ? null : (payload ?? {}));
  if (!parsed.success) {
    const detail = pathOf(parsed.issues[0]);
    if (detail === 'sampleRate') throw new VoiceError('BAD_SAMPLE_RATE', { detail });
    throw new VoiceError(detail.startsWith('hotwords') ? 'BAD_HOTWORDS' : 'BAD_REQUEST', { detail });
  }
  const start = parsed.output;
  const engine = engineOf(start.engine);
  if (!engine?.realtime) throw new VoiceError('UNKNOWN_ENGINE');
  const sampleRate = start.sampleRate ?? engine.sampleRateHz;
  if (sampleRate !== engine.sampleRateHz) throw new VoiceError('BAD_SAMPLE_RATE');
  const tooLong =
    start.hotwords?.findIndex((h) => (h.word.match(CJK)?.length ?? 0) > MAX_HOTWORD_CJK_CHARS) ?? -1;
  if (tooLong >= 0) throw new VoiceError('BAD_HOTWORDS', { detail: `hotwords.${tooLong}.word` });
  const bytes = (start.hotwords ?? []).reduce((sum, { word, weight }) => sum + hotwordBytes(word, weight), 0);
  if (bytes > MAX_HOTWORDS_BYTES) throw new VoiceError('BAD_HOTWORDS', { detail: 'hotwords' });
  return {
    sessionId: start.sessionId,
    clientId: start.clientId,
    engine: start.engine,
    sampleRate,
    hotwords: start.hotwords ?? [],
    wordTimes: start.wordTimes,
    silenceMs: start.silenceMs ?? SILENCE_MS.default,
    title: start.title ?? '',
    token: start.token,
    encodings: AUDIO_ENCODINGS.filter((encoding) => start.encodings?.includes(encoding)),
    resume: start.resume,
  };
}

/** One audio frame: where it begins (undefined: unpositioned) and its PCM bytes. */
export interface AudioFrame {
  pos: number | undefined;
  pcm: Uint8Array;
}

/** The same as it was sent. */
export interface EncodedFrame {
  pos: number | undefined;
  encoding: AudioEncoding;
  bytes: Uint8Array;
}

/** Not by `instanceof` alone: a buffer may come from another realm. */
const isArrayBuffer = (value: unknown): value is ArrayBuffer =>
  Object.prototype.toString.call(value) === '[object ArrayBuffer]';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Base64 makes 4 characters of 3 bytes. */
const MAX_FRAME_BASE64_CHARS = Math.ceil(MAX_FRAME_BYTES / 3) * 4;

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isArrayBuffer(value)) return new Uint8Array(value);
  const text = typeof value === 'string' ? value : (value as { audio?: unknown } | null)?.audio;
  if (typeof text !== 'string') throw new VoiceError('BAD_AUDIO');
  if (text.length > MAX_FRAME_BASE64_CHARS) throw new VoiceError('TOO_LARGE');
  if (!BASE64.test(text) || text.length % 4 === 1) throw new VoiceError('BAD_AUDIO');
  const binary = atob(text);
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** What is not said is PCM. @throws VoiceError BAD_AUDIO: taken for PCM it would be noise */
function encodingOf(label: unknown): AudioEncoding {
  const encoding = AUDIO_ENCODINGS.find((known) => known === (label ?? 'pcm'));
  if (!encoding) throw new VoiceError('BAD_AUDIO', { detail: 'encoding' });
  return encoding;
}

/** Published clients say other things with a frame without a position: only what is certainly not PCM counts. */
function unplacedLabel([frame, second]: readonly unknown[]): AudioEncoding {
  const labels = [second, (frame as { encoding?: unknown } | null | undefined)?.encoding];
  return AUDIO_ENCODINGS.find((encoding) => encoding !== 'pcm' && labels.includes(encoding)) ?? 'pcm';
}

/**
 * Reads the arguments of an `audio` event: `(pos, binary)`, `(pos, binary, encoding)`, or unpositioned `(binary)`, `(base64)`,
 * `({ audio: base64 })`, which is always PCM. What an encoded frame holds is not looked at.
 * @throws VoiceError BAD_AUDIO, TOO_LARGE, BAD_REQUEST (a `pos` that is no sample position)
 */
export function parseAudio(args: readonly unknown[]): EncodedFrame {
  const [pos] = args;
  const positioned = typeof pos === 'number';
  if (positioned && !isPos(pos)) throw new VoiceError('BAD_REQUEST', { detail: 'pos' });
  const encoding = encodingOf(positioned ? args[2] : unplacedLabel(args));
  // what cannot be read is asked for again, by its position
  if (!positioned && encoding !== 'pcm') throw new VoiceError('BAD_AUDIO', { detail: 'pos' });
  const bytes = bytesOf(positioned ? args[1] : args[0]);
  if (bytes.byteLength > MAX_FRAME_BYTES) throw new VoiceError('TOO_LARGE');
  // an unpositioned stream may be split within a sample; a position counts whole samples
  const splitSample = positioned && encoding === 'pcm' && bytes.byteLength % BYTES_PER_SAMPLE !== 0;
  if (bytes.byteLength === 0 || splitSample) throw new VoiceError('BAD_AUDIO');
  return { pos: positioned ? pos : undefined, encoding, bytes };
}

/**
 * Reads the argument of `stop`: a number, `{ endPos }`, or nothing (all that was sent so far).
 * @throws VoiceError BAD_REQUEST
 */
export function parseStop(payload: unknown): { endPos: number | undefined } {
  const endPos =
    typeof payload === 'object' && payload !== null ? (payload as { endPos?: unknown }).endPos : payload;
  if (endPos === undefined || endPos === null) return { endPos: undefined };
  if (!v.is(posSchema, endPos)) throw new VoiceError('BAD_REQUEST', { detail: 'endPos' });
  return { endPos };
}

const skipSchema = v.object({
  fromPos: posSchema,
  toPos: posSchema,
  reason: v.optional(v.picklist(['client-overflow', 'client-gap']), 'client-overflow'),
});
export type SkipRequest = v.InferOutput<typeof skipSchema>;

/**
 * Reads the argument of `skip`: audio that the client lost and can never send. The session records the loss and
 * continues after it.
 * @throws VoiceError BAD_REQUEST
 */
export function parseSkip(payload: unknown): SkipRequest {
  const parsed = v.safeParse(skipSchema, payload);
  if (!parsed.success || parsed.output.toPos <= parsed.output.fromPos)
    throw new VoiceError('BAD_REQUEST', { detail: 'skip' });
  return parsed.output;
}

/** What a session allows, told in `start`'s answer. */
export interface StreamLimits {
  /** Of PCM: an encoded frame may hold as many samples. */
  maxFrameBytes: number;
  /** How far ahead of the recogniser audio may be sent, ms. */
  creditMs: number;
  /** How much unsettled audio the client should be ready to send again, ms. */
  ringMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  maxFrameBytes: MAX_FRAME_BYTES,
  creditMs: CREDIT_MS,
  ringMs: CLIENT_RING_MS,
};

export interface StartAnswer {
  sessionId: string;
  /** `completed`/`interrupted`: it had ended; its finals and `completed` follow, `stop` gives the same answer. */
  state: 'live' | 'completed' | 'interrupted';
  /** All audio before it was received by this instance: send from here. */
  nextPos: number;
  /** All audio before it may be forgotten. */
  committedPos: number;
  /** Audio at or beyond it is refused with `TOO_FAST` for now. */
  limitPos: number;
  /** The client drops what it shows at or above it. */
  nextIndex: number;
  /** Newest stored index, −1: none. */
  settledIndex: number;
  limits: StreamLimits;
  /** Those of the offered encodings that are taken. Absent where none was offered, and from a container of an older release: PCM. */
  encodings?: AudioEncoding[];
}

/** The stored result of a session. */
export interface StopAnswer {
  /** Id of the session, and of its record in the history. */
  id: string;
  /** Number of sentences. */
  sentences: number;
  /** Length of the audio, ms. */
  durationMs: number;
}

/** The acknowledgement of a refused request. */
export interface Refusal {
  error: WireError;
}
export type Answer<T> = T | Refusal;
export const isRefusal = (answer: unknown): answer is Refusal =>
  typeof answer === 'object' && answer !== null && 'error' in answer;

// --- container → client ---------------------------------------------------------------------------------

/** A recognised word, or a Chinese character, with its times. */
export interface Word {
  /** What was recognised. */
  text: string;
  /** Where it begins in the session's audio, ms. */
  startMs: number;
  /** Where it ends in the session's audio, ms. */
  endMs: number;
}

export interface ResultEvent {
  sessionId: string;
  /** Counts up through the whole session. A later `result` of the same index replaces the former. */
  index: number;
  text: string;
  final: boolean;
  startMs: number;
  endMs: number;
  words?: Word[];
}

export interface ProgressEvent {
  sessionId: string;
  nextPos: number;
  committedPos: number;
  limitPos: number;
  settledIndex: number;
  /**
   * The recogniser that listens now has been sent all audio before it. It goes back where audio is heard again: text is as far
   * behind the newest audio as this is. A container of an older release does not say it.
   */
  hearingPos?: number;
}

export interface CompletedEvent extends StopAnswer {
  sessionId: string;
  state: 'completed' | 'interrupted';
}

export interface QueueEvent {
  sessionId: string;
  place: number;
  waitMs: number;
}

export interface ErrorEvent extends WireError {
  sessionId?: string;
  /** With `AUDIO_GAP`, `TOO_FAST`, and `BAD_AUDIO` of a frame that is not PCM: send again from here. */
  nextPos?: number;
}

export interface ServerEvents {
  /** Audio is accepted from now on. */
  ready: (event: { sessionId: string; nextPos: number }) => void;
  result: (event: ResultEvent) => void;
  progress: (event: ProgressEvent) => void;
  completed: (event: CompletedEvent) => void;
  error: (event: ErrorEvent) => void;
  /**
   * The recogniser has no stream left: place in the queue (1 is the first) and about how long it will take, ms; place 0: a
   * stream was found. Audio is kept meanwhile, and text is late.
   */
  queue: (event: QueueEvent) => void;
  /** This instance closes the transport within `deadlineMs`; reconnect and resume. */
  draining: (event: { deadlineMs: number }) => void;
}

export interface ClientEvents {
  start: (request: StartRequest, ack?: (answer: Answer<StartAnswer>) => void) => void;
  audio: (
    ...args:
      | [pos: number, frame: ArrayBuffer | Uint8Array | string, encoding?: AudioEncoding]
      | [pcm: ArrayBuffer | Uint8Array | string]
  ) => void;
  stop: (request?: { endPos: number } | number, ack?: (answer: Answer<StopAnswer>) => void) => void;
  cancel: (ack?: (answer: Answer<{ ok: true }>) => void) => void;
  /** Audio from `fromPos` to `toPos` is gone for good. */
  skip: (
    range: { fromPos: number; toPos: number },
    ack?: (answer: Answer<{ nextPos: number }>) => void,
  ) => void;
}
