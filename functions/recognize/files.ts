import { VoiceError } from '../../contract/errors.ts';
import { BodyTooLargeError, readBody } from '../../lib/http-body.ts';
import { openCloud } from '../shared/store.ts';

const DOWNLOAD_TIMEOUT_MS = 10_000;

/** The operations of the cloud storage that are used. */
export interface Files {
  /**
   * A file's content; the download is cancelled beyond `maxBytes`.
   * @throws VoiceError NOT_FOUND, TOO_LARGE, STORE_UNAVAILABLE
   */
  read(fileID: string, maxBytes: number): Promise<Buffer>;
  remove(fileID: string): Promise<void>;
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
  async remove(fileID) {
    const answer = await openCloud().deleteFile({ fileList: [fileID] });
    const failed = answer?.fileList.find(({ status }) => status !== 0);
    if (failed) throw new Error(`deleteFile: ${failed.status} ${failed.errMsg}`);
  },
};
