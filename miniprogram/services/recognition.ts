import { LocalError } from 'cloudbase-voice';
import type {
  AudioFormat,
  PrepareAnswer,
  RECOGNIZE_ACTIONS,
  RecognizeAnswer,
  RequestOf,
} from '../../contract/functions.ts';
import { type Clock, withTimeout } from '../../lib/clock.ts';
import { base64Of } from '../utils/base64.ts';

/** A recording in memory, or in a temporary file of WeChat (which removes it itself). */
export type AudioSource = { bytes: ArrayBuffer } | { filePath: string; sizeBytes: number };

/** A whole recording for one-shot recognition. */
export interface Recording {
  /** The same for every attempt, so that it is stored and billed once. */
  sessionId: string;
  format: AudioFormat;
  engine: string;
  audio: AudioSource;
}

/** Progress to show. `percent`: 0 to 100 of the file. */
export type RecognizeProgress = { stage: 'uploading'; percent: number } | { stage: 'recognising' };

/** A running upload. */
export interface Upload {
  /** Resolves with the `fileID`; rejects with the platform's error. */
  done: Promise<string>;
  abort(): void;
}

/** The operations on the phone's files and the cloud storage that uploads need. */
export interface Uploads {
  /** Writes a temporary file. @returns its path */
  write(name: string, bytes: ArrayBuffer): Promise<string>;
  remove(filePath: string): Promise<void>;
  readBase64(filePath: string): Promise<string>;
  start(cloudPath: string, filePath: string, onPercent: (percent: number) => void): Upload;
}

type FunctionRequest =
  | RequestOf<typeof RECOGNIZE_ACTIONS, 'prepare'>
  | RequestOf<typeof RECOGNIZE_ACTIONS, 'recognize'>;

export interface RecognitionDeps {
  /** Calls the cloud function `recognize`; rejects with VoiceError or LocalError. */
  invoke<T>(request: FunctionRequest, waitMs?: number): Promise<T>;
  uploads: Uploads;
  clock: Clock;
}

/**
 * Largest audio that is sent within the call, in characters of base64: 1.5 s of speech. WeChat advises against more than a few tens of
 * KB in `callFunction`, and CloudBase's gateway takes text bodies up to 100 KB (error code EXCEED_MAX_PAYLOAD_SIZE).
 */
const INLINE_MAX_BASE64_CHARS = 64 * 1024;
/** The largest file (2.3 MB) takes this long at 40 KB/s. */
const UPLOAD_MS = 60_000;
const UPLOAD_ATTEMPTS = 2;
const BETWEEN_ATTEMPTS_MS = 1_000;
/** The function's own limit is 60 s. */
const RECOGNIZE_MS = 75_000;

/**
 * Recognises a recording: a small one is sent within the call, a larger one is uploaded to the cloud storage first.
 * @throws VoiceError, LocalError (`UPLOAD_FAILED` for an upload); calling it again with the same recording is safe
 */
export async function recognizeRecording(
  recording: Recording,
  deps: RecognitionDeps,
  onProgress: (progress: RecognizeProgress) => void = () => {},
): Promise<RecognizeAnswer> {
  const { audio, ...rest } = recording;
  const small = base64Chars(sizeOf(audio)) <= INLINE_MAX_BASE64_CHARS;
  const content = small
    ? { audio: await base64From(audio, deps.uploads) }
    : {
        fileID: await uploadRecording(recording, deps, (percent) =>
          onProgress({ stage: 'uploading', percent }),
        ),
      };
  onProgress({ stage: 'recognising' });
  return deps.invoke({ ...rest, ...content }, RECOGNIZE_MS);
}

const sizeOf = (audio: AudioSource): number => ('bytes' in audio ? audio.bytes.byteLength : audio.sizeBytes);
const base64Chars = (bytes: number): number => Math.ceil(bytes / 3) * 4;

const base64From = async (audio: AudioSource, uploads: Uploads): Promise<string> =>
  'bytes' in audio ? base64Of(audio.bytes) : uploads.readBase64(audio.filePath).catch(rejectAsUploadFailure);

async function uploadRecording(
  { sessionId, format, audio }: Recording,
  deps: RecognitionDeps,
  onPercent: (percent: number) => void,
): Promise<string> {
  const { uploads } = deps;
  onPercent(0);
  const { cloudPath } = await deps.invoke<PrepareAnswer>({ action: 'prepare', sessionId, format });
  if (!('bytes' in audio)) return uploadFile(cloudPath, audio.filePath, deps, onPercent);
  const filePath = await uploads.write(`${sessionId}.${format}`, audio.bytes).catch(rejectAsUploadFailure);
  try {
    return await uploadFile(cloudPath, filePath, deps, onPercent);
  } finally {
    // a file that cannot be removed is removed when the app next writes one
    await uploads.remove(filePath).catch(() => {});
  }
}

/** Uploads a file; retries to the same path, which overwrites an incomplete file. */
async function uploadFile(
  cloudPath: string,
  filePath: string,
  { uploads, clock }: RecognitionDeps,
  onPercent: (percent: number) => void,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    onPercent(0);
    let current = true;
    // the platform may report progress of an upload after it was aborted
    const upload = uploads.start(cloudPath, filePath, (percent) => current && onPercent(percent));
    try {
      const late = () => new LocalError('UPLOAD_FAILED', `not uploaded within ${UPLOAD_MS} ms`);
      return await withTimeout(upload.done, clock, UPLOAD_MS, late);
    } catch (error) {
      upload.abort();
      const failure = asUploadFailure(error);
      if (attempt === UPLOAD_ATTEMPTS || !failure.retriable) throw failure;
      await new Promise<void>((resolve) => clock.after(BETWEEN_ATTEMPTS_MS, resolve));
    } finally {
      current = false;
    }
  }
}

/** The platform rejects with `{ errCode, errMsg }`, sometimes with an Error. */
function asUploadFailure(error: unknown): LocalError {
  if (error instanceof LocalError) return error;
  const { errCode, errMsg, message } = (error ?? {}) as Record<string, unknown>;
  const parts = [errCode, errMsg ?? message ?? String(error)].filter((part) => part !== undefined);
  return new LocalError('UPLOAD_FAILED', parts.join(' '));
}

const rejectAsUploadFailure = (error: unknown): never => {
  throw asUploadFailure(error);
};
