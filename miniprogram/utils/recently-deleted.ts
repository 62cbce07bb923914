import { AudioDeletions } from '../services/audio-archive/deletions.ts';

const STORAGE_KEY = 'recently-deleted';
/** Older entries are dropped; the page offers fewer. */
const MAX_ENTRIES = 20;

/** A record that was deleted on this phone and can still be restored. */
export interface DeletedSession {
  sessionId: string;
  title: string;
  /** Epoch ms by the service's clock. */
  restorableUntil: number;
}

/** The functions of `wx` for storage. */
interface StorageApi {
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
}

const isDeletedSession = (value: unknown): value is DeletedSession => {
  const { sessionId, title, restorableUntil } = (value ?? {}) as Partial<
    Record<keyof DeletedSession, unknown>
  >;
  return typeof sessionId === 'string' && typeof title === 'string' && typeof restorableUntil === 'number';
};

/**
 * Records that were deleted on this phone and that the service can still restore, newest first. The service has no list of deleted
 * records, so each phone stores its own.
 */
export class RecentlyDeleted {
  readonly #api: StorageApi;
  readonly #now: () => number;
  /** The audio of a record goes once the record cannot be restored. */
  readonly #audio: AudioDeletions;

  constructor(api: StorageApi, now: () => number) {
    this.#api = api;
    this.#now = now;
    this.#audio = new AudioDeletions(api);
  }

  list(): DeletedSession[] {
    const stored = this.#read();
    return stored.filter((entry) => entry.restorableUntil > this.#now());
  }

  add(entry: DeletedSession): void {
    this.#audio.schedule({ sessionId: entry.sessionId, at: entry.restorableUntil, sure: true });
    this.#write([entry, ...this.#without(entry.sessionId)].slice(0, MAX_ENTRIES));
  }

  /** The record was restored. */
  remove(sessionId: string): void {
    this.#audio.cancel(sessionId);
    this.#write(this.#without(sessionId));
  }

  /** Forgets all. */
  clear(): void {
    this.#audio.clear();
    this.#write([]);
  }

  #without(sessionId: string): DeletedSession[] {
    return this.list().filter((entry) => entry.sessionId !== sessionId);
  }

  #read(): DeletedSession[] {
    try {
      const stored = this.#api.getStorageSync(STORAGE_KEY);
      return Array.isArray(stored) ? stored.filter(isDeletedSession) : [];
    } catch {
      return [];
    }
  }

  #write(entries: DeletedSession[]): void {
    try {
      this.#api.setStorageSync(STORAGE_KEY, entries);
    } catch {
      // Where the phone's storage is full, the list is only incomplete.
    }
  }
}
