import { VoiceError } from '../../contract/errors.ts';
import { uploadFolder } from '../../contract/functions.ts';
import { UPLOADS, type UploadRecord, uploadId } from '../../contract/records.ts';
import { NEW_RECORD } from '../../records/schema-version.ts';
import { ownedBy } from './caller.ts';
import type { CallContext, TimerContext } from './define.ts';
import { type Condition, openCloud } from './store.ts';

/** Files of the caller that may lie in the cloud storage, on record so that they can be deleted: a folder cannot be listed. */

/** Puts a file on record. @param name in the caller's upload folder @returns its path */
export async function registerUpload(name: string, { caller, store, nowMs }: CallContext): Promise<string> {
  const { _openid } = ownedBy(caller);
  const _id = uploadId(_openid, name);
  const cloudPath = `${uploadFolder(_openid)}${name}`;
  const record: UploadRecord = { ...NEW_RECORD, _id, _openid, cloudPath, preparedAt: new Date(nowMs) };
  if ((await store.insert(UPLOADS, record)) === 'duplicate')
    await store.update(UPLOADS, { _openid, _id }, { preparedAt: record.preparedAt });
  return cloudPath;
}

/** Takes a file off the record after it was deleted. @param path from the root of the storage */
export async function unregisterUpload(path: string, { caller, store }: CallContext): Promise<void> {
  const { _openid } = ownedBy(caller);
  const name = path.slice(uploadFolder(_openid).length);
  await store.remove(UPLOADS, { _openid, _id: uploadId(_openid, name) });
}

/** @throws VoiceError STORE_UNAVAILABLE */
export async function deleteFile(fileID: string): Promise<void> {
  try {
    const answer = await openCloud().deleteFile({ fileList: [fileID] });
    const failed = answer?.fileList.find(({ status }) => status !== 0);
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
  await deleteFile(fileID);
}

/**
 * Deletes files that are on record, one after the other.
 * @param step `endMs`: after this no further one is begun, epoch ms
 * @returns how many
 * @throws VoiceError STORE_UNAVAILABLE
 */
export async function deleteUploads(
  where: Condition,
  { store, clock }: TimerContext,
  { limit, endMs }: { limit: number; endMs: number },
): Promise<number> {
  const found = await store.find<UploadRecord>(UPLOADS, { where, limit });
  let deleted = 0;
  for (const { _id, cloudPath, preparedAt } of found) {
    if (deleted > 0 && clock.now() >= endMs) break;
    await deletePath(cloudPath);
    // a path that was given out again meanwhile may have a file again
    await store.remove(UPLOADS, { _id, preparedAt });
    deleted += 1;
  }
  return deleted;
}
