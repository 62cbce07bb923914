import type * as v from 'valibot';
import { DEFAULT_ENGINE, engineOf } from '../../contract/engines.ts';
import { VoiceError } from '../../contract/errors.ts';
import type { RECOGNIZE_ACTIONS, RecognizeAnswer } from '../../contract/functions.ts';
import { ONESHOT_MAX_BASE64_BYTES, samplesToMs } from '../../contract/limits.ts';
import type { Sentence, SessionRecord } from '../../contract/records.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { checkOwnFile, environmentOf } from '../shared/own-file.ts';
import { deleteFiles, unregisterUpload } from '../shared/uploads.ts';
import { recogniseSentence } from './asr/client.ts';
import { asrConfigFrom } from './asr/config.ts';
import { inspect } from './audio/inspect.ts';
import { cloudFiles } from './files.ts';
import { completeReservation, findOneShot, isReserved, releaseReservation, reserve } from './reservation.ts';

type Request = v.InferOutput<typeof RECOGNIZE_ACTIONS.recognize>;

/** The service's limit counts Base64 characters: 4 for every 3 bytes. */
const MAX_AUDIO_BYTES = Math.floor(ONESHOT_MAX_BASE64_BYTES / 4) * 3;

/**
 * Recognises a short recording, stores it like a session and counts it once. The same `sessionId` again gets the
 * stored answer. A cloud file is deleted afterwards, also after a failure.
 * @throws VoiceError BAD_REQUEST, UNKNOWN_ENGINE, FORBIDDEN, what `inspect` and the recogniser refuse, CONFLICT
 */
export async function recognize(request: Request, call: CallContext): Promise<RecognizeAnswer> {
  const { fileID } = request;
  if ((request.audio === undefined) === (fileID === undefined)) {
    throw new VoiceError('BAD_REQUEST', { detail: 'audio' });
  }
  if (fileID === undefined) return recogniseAndStore(request, call);
  const path = checkOwnFile(fileID, ownedBy(call.caller)._openid, environmentOf(call.env));
  try {
    return await recogniseAndStore(request, call);
  } finally {
    await removeUpload(fileID, path, call).catch((error) => call.warn('deleteFile', error));
  }
}

/**
 * The stored answer of an earlier recognition.
 * @throws VoiceError NOT_FOUND, CONFLICT while it is being recognised, SESSION_DELETED, BAD_REQUEST (a streamed session)
 */
export async function result(
  { sessionId }: v.InferOutput<typeof RECOGNIZE_ACTIONS.result>,
  call: CallContext,
): Promise<RecognizeAnswer> {
  const stored = await findOneShot(sessionId, call);
  if (stored?.state === 'completed') return storedAnswer(stored);
  throw new VoiceError(stored && isReserved(stored, call.nowMs) ? 'CONFLICT' : 'NOT_FOUND');
}

async function removeUpload(fileID: string, path: string, call: CallContext): Promise<void> {
  await deleteFiles([fileID]);
  await unregisterUpload(path, call);
}

async function recogniseAndStore(request: Request, call: CallContext): Promise<RecognizeAnswer> {
  const name = request.engine ?? DEFAULT_ENGINE;
  const engine = engineOf(name);
  if (!engine?.oneshot) throw new VoiceError('UNKNOWN_ENGINE', { detail: 'engine' });
  const config = asrConfigFrom(call.env);

  const sessionId = request.sessionId ?? call.newId();
  const stored = request.sessionId === undefined ? null : await findOneShot(sessionId, call);
  if (stored?.state === 'completed') return storedAnswer(stored);

  const audio = await audioOf(request);
  const { format, durationMs: measuredMs } = inspect(audio, request.format, engine);
  const title = request.title ?? '';
  const reservation = { sessionId, claim: call.newId() };
  try {
    await reserve(reservation, { engine: name, sampleRate: engine.sampleRateHz, title }, call);
    const wordTimes = request.wordTimes ?? false;
    const recognised = await recogniseSentence(
      { engine: name, format, audio, wordTimes },
      config,
      call.clock,
    );
    const durationMs = Math.round(measuredMs ?? recognised.durationMs ?? 0);
    const words = wordTimes && recognised.words ? { words: recognised.words } : {};
    const sentence: Sentence | null =
      recognised.text === '' ? null : { text: recognised.text, startMs: 0, endMs: durationMs, ...words };
    await completeReservation(reservation, { durationMs, sentence }, call);
    return { sessionId, text: recognised.text, durationMs, ...words };
  } catch (error) {
    await releaseReservation(reservation, call).catch((failure) => call.warn('release', failure));
    throw error;
  }
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

async function audioOf({ audio, fileID }: Request): Promise<Buffer> {
  if (fileID !== undefined) return cloudFiles.read(fileID, MAX_AUDIO_BYTES);
  if (audio === undefined || audio.length % 4 !== 0 || !BASE64.test(audio)) {
    throw new VoiceError('BAD_REQUEST', { detail: 'audio' });
  }
  return Buffer.from(audio, 'base64');
}

/** What was recognised, without a later edit. */
function storedAnswer(session: SessionRecord): RecognizeAnswer {
  const sentence = session.sentences[0];
  return {
    sessionId: session._id,
    text: sentence?.text ?? '',
    durationMs: samplesToMs(session.samples, session.sampleRate),
    ...(sentence?.words && { words: sentence.words }),
  };
}
