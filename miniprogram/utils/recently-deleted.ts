/** Storage key and most entries kept; older ones can no longer be chosen from a sheet anyway. */
const STORAGE_KEY = 'recently-deleted';
const MAX_ENTRIES = 20;

/** A record that was deleted on this phone and can still be brought back. */
export interface Deleted {
  sessionId: string;
  title: string;
  /** Epoch ms by the service's clock. */
  restorableUntil: number;
}

/** The part of `wx` that keeps values on the phone. */
interface DeletedApi {
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
}

const isDeleted = (value: unknown): value is Deleted => {
  const { sessionId, title, restorableUntil } = (value ?? {}) as Partial<Record<keyof Deleted, unknown>>;
  return typeof sessionId === 'string' && typeof title === 'string' && typeof restorableUntil === 'number';
};

/**
 * What was deleted here within the time in which the service can restore it, newest first. The service keeps no list of
 * deleted records, so each phone remembers its own.
 */
export class RecentlyDeleted {
  readonly #api: DeletedApi;
  readonly #now: () => number;

  constructor(api: DeletedApi, now: () => number) {
    this.#api = api;
    this.#now = now;
  }

  list(): Deleted[] {
    const stored = this.#read();
    return stored.filter((entry) => entry.restorableUntil > this.#now());
  }

  add(entry: Deleted): void {
    this.#write([entry, ...this.#without(entry.sessionId)].slice(0, MAX_ENTRIES));
  }

  remove(sessionId: string): void {
    this.#write(this.#without(sessionId));
  }

  #without(sessionId: string): Deleted[] {
    return this.list().filter((entry) => entry.sessionId !== sessionId);
  }

  #read(): Deleted[] {
    try {
      const stored = this.#api.getStorageSync(STORAGE_KEY);
      return Array.isArray(stored) ? stored.filter(isDeleted) : [];
    } catch {
      return [];
    }
  }

  #write(entries: Deleted[]): void {
    try {
      this.#api.setStorageSync(STORAGE_KEY, entries);
    } catch {
      // A phone without room only loses the short cut to restoring.
    }
  }
}
