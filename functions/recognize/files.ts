import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { PrepareAnswer, RECOGNIZE_ACTIONS } from '../../contract/functions.ts';
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
