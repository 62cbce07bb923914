import { VoiceError } from '../../contract/errors.ts';
import { uploadFolder } from '../../contract/functions.ts';
import { UPLOADS, type UploadRecord, uploadId } from '../../contract/records.ts';
import { NEW_RECORD } from '../../records/schema-version.ts';
import { ownedBy } from './caller.ts';
import type { CallContext, TimerContext } from './define.ts';
import { type Condition, openCloud } from './store.ts';

/** Files of the caller that may lie in the cloud storage, on record so that they can be deleted: a folder cannot be listed. */

/**
 * Puts a file on record. One that is kept with a record stays so.
 * @param name in the caller's upload folder
 * @param sessionId of the record that it is to be kept with
 * @returns its path
 */
export async function registerUpload(
  name: string,
  { caller, store, nowMs }: CallContext,
  sessionId?: string,
): Promise<string> {
  const { _openid } = ownedBy(caller);
  const _id = uploadId(_openid, name);
  const cloudPath = `${uploadFolder(_openid)}${name}`;
  const preparedAt = new Date(nowMs);
  const record: UploadRecord = {
    ...NEW_RECORD,
    _id,
    _openid,
    cloudPath,
    preparedAt,
    ...(sessionId && { sessionId }),
  };
  if ((await store.insert(UPLOADS, record)) === 'duplicate')
    await store.update(UPLOADS, { _openid, _id, preparedAt: store.command.lt(preparedAt) }, { preparedAt });
  return cloudPath;
}

/** Takes a file off the record after it was deleted. @param path from the root of the storage */
export async function unregisterUpload(path: string, { caller, store }: CallContext): Promise<void> {
  const { _openid } = ownedBy(caller);
  const name = path.slice(uploadFolder(_openid).length);
  await store.remove(UPLOADS, { _openid, _id: uploadId(_openid, name) });
}

/** Files that the storage deletes in one request. */
const DELETED_AT_ONCE = 50;
/** The SDK's code for `STORAGE_FILE_NONEXIST`. */
const NO_SUCH_FILE = -503_003;

/**
 * Deletes files; one that is not there is deleted.
 * @param fileIDs at most {@link DELETED_AT_ONCE}
 * @throws VoiceError STORE_UNAVAILABLE
 */
export async function deleteFiles(fileIDs: string[]): Promise<void> {
  try {
    const answer = await openCloud().deleteFile({ fileList: fileIDs });
    const failed = answer?.fileList.find(({ status }) => status !== 0 && status !== NO_SUCH_FILE);
    if (failed) throw new Error(`deleteFile: ${failed.status} ${failed.errMsg}`);
  } catch (error) {
    throw new VoiceError('STORE_UNAVAILABLE', { cause: error });
  }
}

/** Deletes what lies at a path. The SDK tells the id of a file only to who has uploaded it, so an empty one is uploaded first. */
async function deletePath(cloudPath: string): Promise<void> {
  let fileID: string;
  try {
    ({ fileID } = await openCloud().uploadFile({ cloudPath, fileContent: Buffer.alloc(0) as never }));
  } catch (error) {
    throw new VoiceError('STORE_UNAVAILABLE', { cause: error });
  }
  await deleteFiles([fileID]);
}

/**
 * Deletes files that are on record: those that are kept with a record at once, the others one after the other.
 * @param step `endMs`: after this no further one is begun, epoch ms
 * @returns how many; 0: there is none left
 * @throws VoiceError STORE_UNAVAILABLE
 */
export async function deleteUploads(
  where: Condition,
  { store, clock }: TimerContext,
  { endMs }: { endMs: number },
): Promise<number> {
  const found = await store.find<UploadRecord>(UPLOADS, { where, limit: DELETED_AT_ONCE });
  const kept = found.filter(({ root }) => root !== undefined);
  if (kept.length > 0) {
    await deleteFiles(kept.map(({ root, cloudPath }) => `${root}${cloudPath}`));
    const newest = Math.max(...kept.map(({ preparedAt }) => preparedAt.getTime()));
    await store.remove(UPLOADS, {
      _id: store.command.in(kept.map(({ _id }) => _id)),
      // not one that was uploaded anew meanwhile
      preparedAt: store.command.lte(new Date(newest)),
    });
  }
  let deleted = kept.length;
  for (const { _id, cloudPath, preparedAt, root } of found) {
    if (root !== undefined) continue;
    if (deleted > 0 && clock.now() >= endMs) break;
    await deletePath(cloudPath);
    // a path that was given out again meanwhile may have a file again
    await store.remove(UPLOADS, { _id, preparedAt });
    deleted += 1;
  }
  return deleted;
}
