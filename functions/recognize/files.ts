import { VoiceError } from '../../contract/errors.ts';
import { openCloud } from '../shared/store.ts';

const DOWNLOAD_TIMEOUT_MS = 10_000;

/** The cloud storage, as far as it is needed here. */
export interface Files {
  /**
   * A file's content, read no further than `maxBytes`.
   * @throws VoiceError NOT_FOUND, TOO_LARGE, STORE_UNAVAILABLE
   */
  read(fileID: string, maxBytes: number): Promise<Buffer>;
  remove(fileID: string): Promise<void>;
}

/** The storage of the environment that the function runs in. */
export const cloudFiles: Files = {
  async read(fileID, maxBytes) {
    try {
      // not `downloadFile`: that would take a file of any size into memory
      const answer = await openCloud().getTempFileURL({ fileList: [fileID] });
      const url = answer?.fileList[0]?.tempFileURL;
      if (!url) throw new VoiceError('NOT_FOUND', { detail: 'fileID' });
      const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
      if (response.status === 404 || response.status === 403) {
        throw new VoiceError('NOT_FOUND', { detail: 'fileID' });
      }
      if (!response.ok || !response.body) throw new Error(`storage answered ${response.status}`);
      return await readBounded(response.body, maxBytes);
    } catch (error) {
      throw error instanceof VoiceError ? error : new VoiceError('STORE_UNAVAILABLE', { cause: error });
    }
  },
  async remove(fileID) {
    const answer = await openCloud().deleteFile({ fileList: [fileID] });
    const failed = answer?.fileList.find(({ status }) => status !== 0);
    if (failed) throw new Error(`deleteFile: ${failed.status} ${failed.errMsg}`);
  },
};

async function readBounded(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.byteLength;
    // leaving the loop cancels the download
    if (size > maxBytes) throw new VoiceError('TOO_LARGE');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
