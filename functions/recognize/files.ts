import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import { type PrepareAnswer, type RECOGNIZE_ACTIONS, uploadFolder } from '../../contract/functions.ts';
import { BodyTooLargeError, readBody } from '../../lib/http-body.ts';
import type { CallContext } from '../shared/define.ts';
import { openCloud } from '../shared/store.ts';
import { registerUpload } from '../shared/uploads.ts';

const DOWNLOAD_TIMEOUT_MS = 10_000;

/** The operations of the cloud storage that are used. */
export interface Files {
  /**
   * A file's content; the download is cancelled beyond `maxBytes`.
   * @throws VoiceError NOT_FOUND, TOO_LARGE, STORE_UNAVAILABLE
   */
  read(fileID: string, maxBytes: number): Promise<Buffer>;
}

/** The storage of the environment that the function runs in. */
export const cloudFiles: Files = {
  async read(fileID, maxBytes) {
    try {
      // not `downloadFile`, which reads a file of any size into memory
      const answer = await openCloud().getTempFileURL({ fileList: [fileID] });
      const url = answer?.fileList[0]?.tempFileURL;
      if (!url) throw new VoiceError('NOT_FOUND', { detail: 'fileID' });
      const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
      if (response.status === 404 || response.status === 403) {
        throw new VoiceError('NOT_FOUND', { detail: 'fileID' });
      }
      if (!response.ok || !response.body) throw new Error(`storage answered ${response.status}`);
      return await readBody(response.body, maxBytes, { discard: false });
    } catch (error) {
      if (error instanceof BodyTooLargeError) throw new VoiceError('TOO_LARGE');
      throw error instanceof VoiceError ? error : new VoiceError('STORE_UNAVAILABLE', { cause: error });
    }
  },
};

/**
 * The path for an upload: in the caller's own folder, the same for every attempt at one request, so that an attempt
 * overwrites what a failed one has left. The path is put on record, so that the file can be deleted if it is never recognised.
 * @throws VoiceError UNAUTHENTICATED, STORE_UNAVAILABLE
 */
export async function prepare(
  { sessionId, format }: v.InferOutput<typeof RECOGNIZE_ACTIONS.prepare>,
  call: CallContext,
): Promise<PrepareAnswer> {
  const extension = format === 'ogg-opus' ? 'ogg' : format;
  return { cloudPath: await registerUpload(`${sessionId}.${extension}`, call) };
}

const FILE_ID = /^cloud:\/\/([^/?#]+)\/(.+)$/;
/** One name in a path: not `.` or `..`, no backslash, no `%` escape, no `?` or `#`, no control character. */
const SAFE_NAME = /^(?!\.{1,2}$)[^\\%?#\p{C}]+$/u;

/**
 * Checks that a cloud file is the caller's own: in this environment, below the caller's upload folder.
 * @param envId the function's environment; empty where the platform does not tell
 * @returns its path from the root of the storage
 * @throws VoiceError FORBIDDEN
 */
export function checkOwnFile(fileID: string, openid: string, envId: string): string {
  const [, host = '', path = ''] = FILE_ID.exec(fileID) ?? [];
  const folder = uploadFolder(openid);
  const ownEnv = envId === '' || host === envId || host.startsWith(`${envId}.`);
  const safe = path.split('/').every((name) => SAFE_NAME.test(name));
  if (!openid || !ownEnv || !safe || !path.startsWith(folder)) {
    throw new VoiceError('FORBIDDEN', { detail: 'fileID' });
  }
  return path;
}
