import type { SettingsApi } from '../../utils/settings.ts';

const STORAGE_KEY = 'audio-uploads';

type Entry = [sessionId: string, segments: number];
const isEntry = (value: unknown): value is Entry =>
  Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number';

/**
 * The recordings on this phone that need not be uploaded: they are, or the user has deleted them in the cloud. A recording that has got
 * more segments since is to be uploaded again.
 */
export class UploadNotes {
  readonly #api: SettingsApi;

  constructor(api: SettingsApi) {
    this.#api = api;
  }

  has(sessionId: string, segments: number): boolean {
    return this.#read().some((entry) => entry[0] === sessionId && entry[1] === segments);
  }

  set(sessionId: string, segments: number): void {
    this.#write([...this.#read().filter(([id]) => id !== sessionId), [sessionId, segments]]);
  }

  /** Forgets recordings that are not on this phone any more. */
  retain(sessionIds: ReadonlySet<string>): void {
    const entries = this.#read();
    const left = entries.filter(([id]) => sessionIds.has(id));
    if (left.length < entries.length) this.#write(left);
  }

  #read(): Entry[] {
    try {
      const stored = this.#api.getStorageSync(STORAGE_KEY);
      return Array.isArray(stored) ? stored.filter(isEntry) : [];
    } catch {
      return [];
    }
  }

  #write(entries: Entry[]): void {
    try {
      this.#api.setStorageSync(STORAGE_KEY, entries);
    } catch (error) {
      // The service is asked again what it has.
      console.warn('the upload of audio could not be noted', error);
    }
  }
}
