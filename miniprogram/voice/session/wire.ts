import type { SampleRate } from '../../../contract/limits.ts';
import type {
  AudioEncoding,
  CompletedEvent,
  ProgressEvent,
  ResultEvent,
  StartAnswer,
  StartRequest,
  StopAnswer,
} from '../../../contract/stream.ts';
import type { QueueStatus, VoiceOptions } from './voice-session.types.ts';

/** What identifies one recording, and the options it was started with; constant for its lifetime. */
export interface StreamIdentity {
  sessionId: string;
  clientId: string;
  rateHz: SampleRate;
  options: VoiceOptions;
}

/**
 * Readers of what the container sends. The schema library is too large for the mini-program, so they check only the fields that
 * the session uses. They return null for anything else, which the caller ignores.
 */
type Fields = Record<string, unknown>;

const fieldsOf = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null ? (value as Fields) : null;

const numbersIn = (value: unknown, names: readonly string[]): Fields | null => {
  const fields = fieldsOf(value);
  return fields && names.every((name) => Number.isFinite(fields[name])) ? fields : null;
};

/** What this app can send besides PCM. */
const ENCODINGS: readonly AudioEncoding[] = ['adpcm'];

/** Payload of `start`; with `resume` where the container may have the session already. */
export const startRequest = (
  { sessionId, clientId, rateHz, options }: StreamIdentity,
  resume: StartRequest['resume'],
): StartRequest => ({
  ...options,
  sessionId,
  clientId,
  sampleRate: rateHz,
  encodings: [...ENCODINGS],
  ...(resume && { resume }),
});

/** Whether the container takes an encoding. One of an older release says nothing, and takes PCM only. */
export const takes = ({ encodings }: StartAnswer, encoding: AudioEncoding): boolean =>
  Array.isArray(encodings) && encodings.includes(encoding);

export const readStartAnswer = (value: unknown): StartAnswer | null => {
  const names = ['nextPos', 'committedPos', 'limitPos', 'nextIndex', 'settledIndex'];
  const fields = numbersIn(value, names);
  return fields && typeof fields.state === 'string' ? (fields as unknown as StartAnswer) : null;
};

export const readStopAnswer = (value: unknown): StopAnswer | null => {
  const fields = numbersIn(value, ['sentences', 'durationMs']);
  if (!fields) return null;
  const { id, sentences, durationMs } = fields as unknown as StopAnswer;
  return { id: String(id), sentences, durationMs };
};

export const readNextPos = (value: unknown): number | null => {
  const fields = numbersIn(value, ['nextPos']);
  return fields ? Number(fields.nextPos) : null;
};

const ofSession = <T extends { sessionId: string }>(fields: Fields | null, sessionId: string): T | null =>
  fields?.sessionId === sessionId ? (fields as unknown as T) : null;

export const readResult = (value: unknown, sessionId: string): ResultEvent | null => {
  const fields = numbersIn(value, ['index', 'startMs', 'endMs']);
  const valid = typeof fields?.text === 'string' && typeof fields.final === 'boolean';
  return valid ? ofSession<ResultEvent>(fields, sessionId) : null;
};

/** Ms until a draining instance closes the connection; 0 where the payload does not say. */
export const readDraining = (value: unknown): number =>
  Number(numbersIn(value, ['deadlineMs'])?.deadlineMs ?? 0);

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;

export const readProgress = (value: unknown, sessionId: string): ProgressEvent | null => {
  const progress: ProgressEvent | null = ofSession(
    numbersIn(value, ['nextPos', 'committedPos', 'limitPos', 'settledIndex']),
    sessionId,
  );
  const hearingPos = countOf(fieldsOf(value)?.hearingPos);
  return progress && hearingPos !== null ? { ...progress, hearingPos } : progress;
};

/** The place in the recogniser's queue; null where the payload is of another session. */
export const readQueue = (value: unknown, sessionId: string): QueueStatus | null => {
  const fields = fieldsOf(value);
  if (!fields || (fields.sessionId !== undefined && fields.sessionId !== sessionId)) return null;
  return { place: countOf(fields.place), waitMs: countOf(fields.waitMs) };
};

export const readCompleted = (value: unknown, sessionId: string): CompletedEvent | null =>
  ofSession(numbersIn(value, ['sentences', 'durationMs']), sessionId);
