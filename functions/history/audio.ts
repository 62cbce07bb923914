import type * as v from 'valibot';
import { AUDIO_FILE_NAME, audioUploadName } from '../../contract/audio-file.ts';
import { VoiceError } from '../../contract/errors.ts';
import {
  type AudioFile,
  type HISTORY_ACTIONS,
  type HistoryAnswers,
  uploadFolder,
} from '../../contract/functions.ts';
import { AUDIO_URL_VALID_MS, MAX_AUDIO_FILES } from '../../contract/limits.ts';
import { KEPT_AHEAD_MS, UPLOADS, type UploadRecord, uploadId } from '../../contract/records.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { checkOwnFile, environmentOf } from '../shared/own-file.ts';
import { type Condition, openCloud } from '../shared/store.ts';
import { deleteFiles, deleteUploads, registerUpload } from '../shared/uploads.ts';
import { sessionOf } from './sessions.ts';

/** One call deletes nothing more after this: the app waits 20 s for an answer, and a step takes up to two requests of 6 s. */
const CALL_MS = 7_000;

/** What is uploaded, or may be, of the audio of one of the caller's records. */
const uploadsOf = async (
  sessionId: string,
  { caller, store }: CallContext,
): Promise<Map<string, UploadRecord>> => {
  const where = { ...ownedBy(caller), sessionId };
  const found = await store.find<UploadRecord>(UPLOADS, { where, limit: MAX_AUDIO_FILES });
  return new Map(found.map((upload) => [nameOf(upload.cloudPath), upload]));
};
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** @throws VoiceError BAD_REQUEST: a name of another record's audio */
function checkNames(sessionId: string, names: readonly string[], detail: string): void {
  for (const name of names)
    if (AUDIO_FILE_NAME.exec(name)?.[1] !== sessionId) throw new VoiceError('BAD_REQUEST', { detail });
}

/**
 * Paths for files of a record's audio, below the caller's upload folder. Each is put on record before it is given out: what is not
 * reported as uploaded within a day is deleted.
 * @throws VoiceError NOT_FOUND, RECORD_TOO_NEW, BAD_REQUEST; TOO_LARGE: more than {@link MAX_AUDIO_FILES} of one record
 */
export async function prepareAudio(
  { sessionId, names }: v.InferOutput<typeof HISTORY_ACTIONS.prepareAudio>,
  call: CallContext,
): Promise<HistoryAnswers['prepareAudio']> {
  checkNames(sessionId, names, 'names');
  await sessionOf(sessionId, call, ['_id']);
  const uploads = await uploadsOf(sessionId, call);
  const added = names.filter((name) => !uploads.has(name)).length;
  if (uploads.size + added > MAX_AUDIO_FILES) throw new VoiceError('TOO_LARGE', { detail: 'names' });
  const files: HistoryAnswers['prepareAudio']['files'] = [];
  for (const name of names) {
    const upload = uploads.get(name);
    const kept = upload?.root !== undefined;
    const cloudPath = kept ? upload.cloudPath : await registerUpload(audioUploadName(name), call, sessionId);
    files.push({ name, cloudPath, kept });
  }
  return { files };
}

/**
 * Files are uploaded: from now on they stay as long as the record. A file that is not on record is deleted: it was uploaded while the
 * record, or its audio, was removed.
 * @throws VoiceError FORBIDDEN (another's file), BAD_REQUEST
 */
export async function keepAudio(
  { sessionId, fileIDs }: v.InferOutput<typeof HISTORY_ACTIONS.keepAudio>,
  call: CallContext,
): Promise<HistoryAnswers['keepAudio']> {
  const { _openid } = ownedBy(call.caller);
  const paths = fileIDs.map((fileID) => checkOwnFile(fileID, _openid, environmentOf(call.env)));
  const names = paths.map(nameOf);
  checkNames(sessionId, names, 'fileIDs');
  const root = (fileIDs[0] ?? '').slice(0, -(paths[0] ?? '').length);
  const isRegular = paths.every(
    (path, i) =>
      path === `${uploadFolder(_openid)}${audioUploadName(names[i] ?? '')}` &&
      fileIDs[i] === `${root}${path}`,
  );
  if (!isRegular) throw new VoiceError('BAD_REQUEST', { detail: 'fileIDs' });
  const ids = names.map((name) => uploadId(_openid, audioUploadName(name)));
  const where = { _openid, sessionId, _id: call.store.command.in(ids) };
  const preparedAt = new Date(call.nowMs + KEPT_AHEAD_MS);
  await call.store.update(UPLOADS, where, { root, preparedAt });
  const found = await call.store.find<UploadRecord>(UPLOADS, { where, limit: ids.length, fields: ['_id'] });
  const onRecord = new Set(found.map(({ _id }) => _id));
  const isKept = (_: string, i: number): boolean => onRecord.has(ids[i] ?? '');
  const gone = fileIDs.filter((_, i) => !isKept(_, i));
  if (gone.length > 0) await deleteFiles(gone);
  return { kept: names.filter(isKept), missing: names.filter((_, i) => !isKept(_, i)) };
}

/**
 * The uploaded audio of a record.
 * @throws VoiceError NOT_FOUND, RECORD_TOO_NEW, BAD_REQUEST, STORE_UNAVAILABLE
 */
export async function audio(
  { sessionId, names }: v.InferOutput<typeof HISTORY_ACTIONS.audio>,
  call: CallContext,
): Promise<HistoryAnswers['audio']> {
  checkNames(sessionId, names ?? [], 'names');
  await sessionOf(sessionId, call, ['_id']);
  const files: AudioFile[] = [];
  for (const [name, { root, cloudPath }] of await uploadsOf(sessionId, call))
    if (root !== undefined) files.push({ name, fileID: `${root}${cloudPath}` });
  if (names === undefined) return { files };
  return { files: await withUrls(files.filter(({ name }) => names.includes(name))) };
}

/** @throws VoiceError STORE_UNAVAILABLE */
async function withUrls(files: readonly AudioFile[]): Promise<AudioFile[]> {
  if (files.length === 0) return [];
  const fileList = files.map(({ fileID }) => ({ fileID, maxAge: AUDIO_URL_VALID_MS / 1_000 }));
  try {
    const answer = await openCloud().getTempFileURL({ fileList });
    const urls = new Map(answer?.fileList.map(({ fileID, tempFileURL }) => [fileID, tempFileURL]));
    return files.map((file) => {
      const url = urls.get(file.fileID);
      return url ? { ...file, url } : file;
    });
  } catch (error) {
    throw new VoiceError('STORE_UNAVAILABLE', { cause: error });
  }
}

/**
 * Deletes the uploaded audio of a record; its text stays.
 * @throws VoiceError NOT_FOUND, STORE_UNAVAILABLE
 */
export async function removeAudio(
  { sessionId }: v.InferOutput<typeof HISTORY_ACTIONS.removeAudio>,
  call: CallContext,
): Promise<HistoryAnswers['removeAudio']> {
  await sessionOf(sessionId, call, ['_id']);
  return removeWhere({ sessionId }, call);
}

/** Deletes the uploaded audio of all the caller's records, also of those that were deleted. @throws VoiceError STORE_UNAVAILABLE */
export const removeAllAudio = (
  _request: v.InferOutput<typeof HISTORY_ACTIONS.removeAllAudio>,
  call: CallContext,
): Promise<HistoryAnswers['removeAllAudio']> =>
  removeWhere({ sessionId: call.store.command.neq(null) }, call);

async function removeWhere(
  condition: Condition,
  call: CallContext,
): Promise<{ done: boolean; files: number }> {
  const where = { ...ownedBy(call.caller), ...condition };
  const endMs = call.clock.now() + CALL_MS;
  let files = 0;
  for (let some = -1; some !== 0; files += some) {
    if (call.clock.now() >= endMs) return { done: false, files };
    some = await deleteUploads(where, call);
  }
  return { done: true, files };
}
