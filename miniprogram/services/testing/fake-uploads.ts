import { Deferred } from '../../../lib/deferred.ts';
import type { Upload, Uploads } from '../recognition.ts';

/** One upload as the service began it; the test decides how it ends. */
export interface StartedUpload extends Deferred<string> {
  cloudPath: string;
  filePath: string;
  aborted: boolean;
  percent(value: number): void;
}

/** A phone's files and the cloud storage; strict about files that are not there. */
export class FakeUploads implements Uploads {
  readonly files = new Map<string, ArrayBuffer>();
  readonly started: StartedUpload[] = [];
  /** What the next write fails with. */
  full: Error | undefined;
  /** What every removal fails with. */
  stuck: Error | undefined;

  async write(name: string, bytes: ArrayBuffer): Promise<string> {
    if (this.full) throw this.full;
    const path = `tmp/${name}`;
    this.files.set(path, bytes);
    return path;
  }

  async remove(filePath: string): Promise<void> {
    if (this.stuck) throw this.stuck;
    if (!this.files.delete(filePath)) throw new Error(`no such file ${filePath}`);
  }

  async readBase64(filePath: string): Promise<string> {
    const bytes = this.files.get(filePath);
    if (!bytes) throw Object.assign(new Error(), { errMsg: `readFile:fail no such file ${filePath}` });
    return Buffer.from(bytes).toString('base64');
  }

  start(cloudPath: string, filePath: string, onPercent: (percent: number) => void): Upload {
    if (!this.files.has(filePath)) throw new Error(`no such file ${filePath}`);
    const upload: StartedUpload = Object.assign(new Deferred<string>(), {
      cloudPath,
      filePath,
      aborted: false,
      percent: onPercent,
    });
    this.started.push(upload);
    return {
      done: upload.promise,
      abort: () => {
        upload.aborted = true;
      },
    };
  }
}
