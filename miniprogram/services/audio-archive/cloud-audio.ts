import { LocalError } from 'cloudbase-voice';
import type { AudioFile } from '../../../contract/functions.ts';
import { type Clock, withTimeout } from '../../../lib/clock.ts';
import type { CloudApi } from '../cloud.ts';
import type { Download, Downloads } from '../wx-downloads.ts';
import { type ArchivedRecording, recordingsOf } from './archive.ts';
import { AUDIO_DOWNLOAD } from './retry-rules.ts';
import { type Segment, segmentName } from './segment.ts';

/** Downloaded segments that stay on the phone while the record is open: half an hour of audio, 14 MB; the oldest one goes. */
export const MAX_DOWNLOADED = 60;

export interface CloudAudioDeps {
  cloud: Pick<CloudApi, 'history'>;
  downloads: Downloads;
  clock: Clock;
}

/** The audio of one record that another phone of the same user has uploaded. Segments are downloaded when they are to be played. */
export class CloudAudio {
  readonly #deps: CloudAudioDeps;
  readonly #sessionId: string;
  #files = new Map<string, AudioFile>();
  /** Paths of temporary files by the names of the segments, oldest first. */
  readonly #downloaded = new Map<string, Promise<string>>();
  readonly #running = new Set<Download>();
  #closed = false;

  constructor(deps: CloudAudioDeps, sessionId: string) {
    this.#deps = deps;
    this.#sessionId = sessionId;
  }

  /** What is uploaded; null: nothing. Rejects where the service cannot be asked. */
  async recording(): Promise<ArchivedRecording | null> {
    const { files } = await this.#deps.cloud.history('audio', { sessionId: this.#sessionId });
    this.#files = new Map(files.map((file) => [file.name, file]));
    return recordingsOf([...this.#files.keys()])[0] ?? null;
  }

  /** Rejects where the segment cannot be downloaded, or the record was closed. */
  async read(segment: Segment, onPercent: (percent: number) => void): Promise<ArrayBuffer> {
    const name = segmentName(segment);
    let path = this.#downloaded.get(name);
    if (path === undefined) {
      path = this.#download(name, onPercent);
      this.#downloaded.set(name, path);
      path.catch(() => this.#downloaded.delete(name));
      this.#limit();
    }
    return this.#deps.downloads.read(await path);
  }

  /** Aborts what is being downloaded, and deletes what was. */
  close(): void {
    this.#closed = true;
    for (const download of this.#running) download.abort();
    for (const name of [...this.#downloaded.keys()]) this.#forget(name);
  }

  #limit(): void {
    for (const name of [...this.#downloaded.keys()].slice(0, -MAX_DOWNLOADED)) this.#forget(name);
  }

  #forget(name: string): void {
    const path = this.#downloaded.get(name);
    this.#downloaded.delete(name);
    void path?.then((file) => this.#deps.downloads.remove(file)).catch(() => {});
  }

  async #download(name: string, onPercent: (percent: number) => void): Promise<string> {
    const { downloads, clock } = this.#deps;
    const fileID = this.#files.get(name)?.fileID ?? '';
    for (let attempt = 1; ; attempt++) {
      if (this.#closed) throw new LocalError('SESSION_CLOSED');
      const download = downloads.start(fileID, onPercent);
      this.#running.add(download);
      try {
        const late = () => new LocalError('NETWORK', `not downloaded within ${AUDIO_DOWNLOAD.WAIT_MS} ms`);
        return await withTimeout(download.done, clock, AUDIO_DOWNLOAD.WAIT_MS, late);
      } catch (error) {
        download.abort();
        if (this.#closed || attempt === AUDIO_DOWNLOAD.ATTEMPTS) throw error;
      } finally {
        this.#running.delete(download);
      }
    }
  }
}
