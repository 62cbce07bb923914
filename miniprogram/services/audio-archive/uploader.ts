import { codeOf, LocalError } from 'cloudbase-voice';
import { MAX_AUDIO_FILES_A_CALL } from '../../../contract/limits.ts';
import { backoffMs } from '../../../lib/backoff.ts';
import { type Clock, withTimeout } from '../../../lib/clock.ts';
import type { CloudApi } from '../cloud.ts';
import type { Upload, Uploads } from '../recognition.ts';
import type { ArchivedRecording, AudioArchive } from './archive.ts';
import { AUDIO_UPLOAD } from './retry-rules.ts';
import { segmentName } from './segment.ts';
import type { UploadNotes } from './upload-notes.ts';

/** Calls of `removeAllAudio` in a row that delete nothing. */
const MAX_IDLE_CALLS = 3;

export interface UploaderDeps {
  archive: Pick<AudioArchive, 'recordings' | 'hold' | 'isOpen'>;
  cloud: Pick<CloudApi, 'history'>;
  uploads: Pick<Uploads, 'start'>;
  /** Path of a segment's file. */
  pathOf: (name: string) => string;
  notes: UploadNotes;
  clock: Clock;
  /** 0 ≤ x < 1 */
  random: () => number;
  /** Whether the user wants it, by this network, and nothing is being recorded. */
  mayUpload: () => Promise<boolean>;
}

/** Why a run ends before all is uploaded. */
class Stopped extends Error {}

/**
 * Uploads the recordings that this phone keeps to the user's cloud folder, one file after the other. What is uploaded already is known to
 * the service, so that a run goes on where an earlier one ended.
 */
export class AudioUploader {
  readonly #deps: UploaderDeps;
  #running: Promise<void> | null = null;
  /** Something was recorded since the present run began. */
  #again = false;
  /** Raised by `stop`: the run that was under way then ends. */
  #run = 0;
  #upload: Upload | null = null;
  #wake = (): void => {};

  constructor(deps: UploaderDeps) {
    this.#deps = deps;
  }

  /** Uploads what is not uploaded yet. A call while one runs makes that one look once more. Never rejects. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#uploadAll();
    return this.#running;
  }

  /** Ends the present run, also in the middle of a file. Never rejects. */
  async stop(): Promise<void> {
    this.#run += 1;
    this.#upload?.abort();
    this.#wake();
    await this.#running;
  }

  /** Deletes what all the user's phones have uploaded; what this one has by now is not uploaded again. Rejects where something is left. */
  async removeAll(): Promise<void> {
    const { archive, cloud, notes } = this.#deps;
    await this.stop();
    for (const { sessionId, segments } of await archive.recordings()) notes.set(sessionId, segments.length);
    for (let idle = 0; idle < MAX_IDLE_CALLS; ) {
      const { done, files } = await cloud.history('removeAllAudio', { confirm: true });
      if (done) return;
      idle = files > 0 ? 0 : idle + 1;
    }
    throw new Error('removeAllAudio deletes nothing any more');
  }

  async #uploadAll(): Promise<void> {
    const { archive, notes } = this.#deps;
    const run = this.#run;
    try {
      while (this.#again) {
        this.#again = false;
        if (!(await this.#deps.mayUpload())) return;
        const recordings = await archive.recordings();
        notes.retain(new Set(recordings.map(({ sessionId }) => sessionId)));
        for (const recording of recordings.reverse()) await this.#uploadRecording(recording, run);
      }
    } catch (error) {
      if (!(error instanceof Stopped)) console.warn('recordings could not be uploaded now', error);
    } finally {
      this.#running = null;
    }
  }

  async #uploadRecording({ sessionId, segments }: ArchivedRecording, run: number): Promise<void> {
    const { archive, notes } = this.#deps;
    if (archive.isOpen(sessionId) || notes.has(sessionId, segments.length)) return;
    const release = archive.hold(sessionId);
    try {
      const names = segments.map(segmentName);
      for (let at = 0; at < names.length; at += MAX_AUDIO_FILES_A_CALL)
        await this.#uploadFiles(sessionId, names.slice(at, at + MAX_AUDIO_FILES_A_CALL), run);
      notes.set(sessionId, segments.length);
    } catch (error) {
      // Of a record that is not there, or not yet, nothing is uploaded now; the others are.
      if (codeOf(error) === 'NOT_FOUND') return;
      // More than the service takes of one record.
      if (codeOf(error) !== 'TOO_LARGE') throw error;
      notes.set(sessionId, segments.length);
    } finally {
      release();
    }
  }

  async #uploadFiles(sessionId: string, names: string[], run: number): Promise<void> {
    const { cloud } = this.#deps;
    const { files } = await this.#retried(run, () => cloud.history('prepareAudio', { sessionId, names }));
    const fileIDs: string[] = [];
    for (const { name, cloudPath, kept } of files)
      if (!kept) fileIDs.push(await this.#retried(run, () => this.#uploadFile(cloudPath, name)));
    if (fileIDs.length > 0)
      await this.#retried(run, () => cloud.history('keepAudio', { sessionId, fileIDs }));
  }

  async #uploadFile(cloudPath: string, name: string): Promise<string> {
    const { uploads, pathOf, clock } = this.#deps;
    const upload = uploads.start(cloudPath, pathOf(name), () => {});
    this.#upload = upload;
    try {
      const late = () => new LocalError('UPLOAD_FAILED', `not uploaded within ${AUDIO_UPLOAD.WAIT_MS} ms`);
      return await withTimeout(upload.done, clock, AUDIO_UPLOAD.WAIT_MS, late);
    } catch (error) {
      upload.abort();
      throw error instanceof LocalError ? error : new LocalError('UPLOAD_FAILED', String(error));
    } finally {
      this.#upload = null;
    }
  }

  /** @throws Stopped, and what the last attempt has thrown */
  async #retried<T>(run: number, work: () => Promise<T>): Promise<T> {
    const { mayUpload, random } = this.#deps;
    for (let attempt = 0; ; attempt++) {
      if (run !== this.#run || !(await mayUpload()) || run !== this.#run) throw new Stopped();
      try {
        return await work();
      } catch (error) {
        if (run !== this.#run) throw new Stopped();
        const isLast = attempt + 1 === AUDIO_UPLOAD.ATTEMPTS;
        if (isLast || (error as { retriable?: boolean }).retriable !== true) throw error;
        await this.#sleep(backoffMs(AUDIO_UPLOAD.BACKOFF, attempt, random));
      }
    }
  }

  /** Until the time is over, or `stop` was called. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
