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

/**
 * Deletes what lies at paths. The SDK tells the id of a file only to who has uploaded it, and only the path differs between ids: an
 * empty file is uploaded to the first of them. What a client says about ids could keep its files from being deleted.
 */
async function deletePaths(paths: readonly [string, ...string[]]): Promise<void> {
  const [cloudPath] = paths;
  let root: string;
  try {
    const { fileID } = await openCloud().uploadFile({ cloudPath, fileContent: Buffer.alloc(0) as never });
    root = fileID.slice(0, -cloudPath.length);
  } catch (error) {
    throw new VoiceError('STORE_UNAVAILABLE', { cause: error });
  }
  await deleteFiles(paths.map((path) => `${root}${path}`));
}

/**
 * Deletes up to {@link DELETED_AT_ONCE} files that are on record, in a few requests.
 * @returns how many; 0: there is none left
 * @throws VoiceError STORE_UNAVAILABLE
 */
export async function deleteUploads(where: Condition, { store }: TimerContext): Promise<number> {
  const found = await store.find<UploadRecord>(UPLOADS, { where, limit: DELETED_AT_ONCE });
  const [first, ...others] = found.map(({ cloudPath }) => cloudPath);
  if (first === undefined) return 0;
  await deletePaths([first, ...others]);
  // a path that was given out again meanwhile may have a file again
  const asRead = found.map(({ _id, preparedAt }) => ({ _id, preparedAt }));
  const { command } = store;
  // an index is sure to be used only for a condition that stands beside the alternatives
  const those = { _id: command.in(found.map(({ _id }) => _id)) };
  await store.remove(UPLOADS, command.and(those, command.or(...asRead)) as unknown as Condition);
  return found.length;
}
