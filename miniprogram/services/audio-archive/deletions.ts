import type { SettingsApi } from '../../utils/settings.ts';

const STORAGE_KEY = 'audio-deletions';

interface Deletion {
  sessionId: string;
  /** Epoch ms. */
  at: number;
  /** Deleted on this phone; otherwise the service is asked once more, since another phone may have restored the record. */
  sure: boolean;
}

const isDeletion = (value: unknown): value is Deletion => {
  const { sessionId, at } = (value ?? {}) as Partial<Record<keyof Deletion, unknown>>;
  return typeof sessionId === 'string' && typeof at === 'number';
};

/**
 * When the audio of deleted records is to be deleted: once they cannot be restored any more. Apart from the list of restorable
 * records, which forgets the older ones.
 */
export class AudioDeletions {
  readonly #api: SettingsApi;

  constructor(api: SettingsApi) {
    this.#api = api;
  }

  schedule(deletion: Deletion): void {
    this.#write([...this.#without(deletion.sessionId), deletion]);
  }

  /** The record was restored, or its audio is deleted. */
  cancel(sessionId: string): void {
    if (this.has(sessionId)) this.#write(this.#without(sessionId));
  }

  clear(): void {
    this.#write([]);
  }

  /** Those whose time has come. */
  due(now: number): Deletion[] {
    return this.#read().filter(({ at }) => at <= now);
  }

  has(sessionId: string): boolean {
    return this.#read().some((deletion) => deletion.sessionId === sessionId);
  }

  #without(sessionId: string): Deletion[] {
    return this.#read().filter((deletion) => deletion.sessionId !== sessionId);
  }

  #read(): Deletion[] {
    try {
      const stored = this.#api.getStorageSync(STORAGE_KEY);
      return Array.isArray(stored) ? stored.filter(isDeletion) : [];
    } catch {
      return [];
    }
  }

  #write(deletions: Deletion[]): void {
    try {
      this.#api.setStorageSync(STORAGE_KEY, deletions);
    } catch (error) {
      // The cleanup finds out later that the record is gone.
      console.warn('the deletion of audio could not be noted', error);
    }
  }
}
