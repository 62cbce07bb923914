import { VoiceError } from '../../contract/errors.ts';
import { MAX_MARKS, REOPEN_WITHIN_MS } from '../../contract/limits.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { CloudApi } from './cloud.ts';

/** The functions of `wx` for storage. */
export interface NotesStorage {
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
}

export interface NotesDeps {
  cloud: Pick<CloudApi, 'history'>;
  storage: NotesStorage;
  clock: Clock;
  random: () => number;
}

/** What the user has noted of one session and the service has not confirmed yet. */
interface Notes {
  /** Moments, audio time in ms. */
  add: number[];
  remove: number[];
  title?: string;
  /** Of the first of them, epoch ms by this phone. */
  since: number;
}
type AllNotes = Record<string, Notes>;

const STORAGE_KEY = 'session-notes';
/** Most sessions whose notes wait; of more, the oldest are given up. */
const MAX_WAITING_SESSIONS = 50;
const RETRY = { firstMs: 2_000, maxMs: 60_000, jitter: 0.2 } as const;

const isMoments = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((ms) => Number.isSafeInteger(ms));
const isNotes = (value: unknown): value is Notes => {
  const { add, remove, since } = (value ?? {}) as Partial<Notes>;
  return isMoments(add) && isMoments(remove) && typeof since === 'number';
};
const without = (all: readonly number[], some: readonly number[]): number[] =>
  all.filter((ms) => !some.includes(ms));

/**
 * Marks and titles that are given while a session is recorded. Each is written to the phone's storage at once, so that none is lost where
 * the app is ended, and stays there until the service has confirmed it: the phone may be offline, and the session may not
 * exist in the database yet. The requests may be repeated.
 */
export class SessionNotes {
  readonly #deps: NotesDeps;
  #delivering: Promise<void> | null = null;
  #attempt = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(deps: NotesDeps) {
    this.#deps = deps;
  }

  /** @returns false where the session has as many marks waiting as it may have in all */
  mark(sessionId: string, ms: number): boolean {
    if ((this.#read()[sessionId]?.add.length ?? 0) >= MAX_MARKS) return false;
    this.#change(sessionId, (notes) => ({ ...notes, add: [...without(notes.add, [ms]), ms] }));
    return true;
  }

  unmark(sessionId: string, ms: number): void {
    // Also where it still waits to be set: the request that sets it may be under way.
    this.#change(sessionId, (notes) => ({
      ...notes,
      add: without(notes.add, [ms]),
      remove: [...without(notes.remove, [ms]), ms],
    }));
  }

  rename(sessionId: string, title: string): void {
    this.#change(sessionId, (notes) => ({ ...notes, title }));
  }

  /** The session is not kept. */
  forget(sessionId: string): void {
    const { [sessionId]: _forgotten, ...rest } = this.#read();
    this.#write(rest);
  }

  clear(): void {
    this.#write({});
  }

  /** Sends what waits; what cannot be sent is tried again later, while the app runs and at the next call. Never rejects. */
  deliver(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#delivering ??= this.#deliverAll().finally(() => {
      this.#delivering = null;
      this.#scheduleRetry();
    });
    return this.#delivering;
  }

  async #deliverAll(): Promise<void> {
    for (const sessionId of Object.keys(this.#read())) {
      try {
        await this.#deliverOne(sessionId);
        this.#attempt = 0;
      } catch (error) {
        if (!this.#isPermanent(sessionId, error)) continue;
        console.warn('notes of a session could not be stored', sessionId, error);
        this.forget(sessionId);
      }
    }
  }

  async #deliverOne(sessionId: string): Promise<void> {
    const { cloud } = this.#deps;
    const { add = [], remove = [], title } = this.#read()[sessionId] ?? {};
    if (add.length > 0 || remove.length > 0) {
      await cloud.history('marks', { sessionId, add, remove });
      this.#confirmed(sessionId, (notes) => ({
        ...notes,
        add: without(notes.add, add),
        remove: without(notes.remove, remove),
      }));
    }
    if (title === undefined) return;
    await cloud.history('rename', { sessionId, title });
    this.#confirmed(sessionId, ({ title: now, ...notes }) =>
      now === undefined || now === title ? notes : { ...notes, title: now },
    );
  }

  /** A session that is not there may be created later, as long as its audio can be delivered. */
  #isPermanent(sessionId: string, error: unknown): boolean {
    if (!(error instanceof VoiceError) || error.retriable) return false;
    const since = this.#read()[sessionId]?.since ?? 0;
    return error.code !== 'NOT_FOUND' || this.#deps.clock.now() - since > REOPEN_WITHIN_MS;
  }

  #scheduleRetry(): void {
    if (this.#cancelRetry !== null || Object.keys(this.#read()).length === 0) return;
    const { clock, random } = this.#deps;
    this.#cancelRetry = clock.after(backoffMs(RETRY, this.#attempt, random), () => void this.deliver());
    this.#attempt += 1;
  }

  #change(sessionId: string, change: (notes: Notes) => Notes): void {
    const all = this.#read();
    const before = all[sessionId] ?? { add: [], remove: [], since: this.#deps.clock.now() };
    const entries = Object.entries({ ...all, [sessionId]: change(before) });
    const newest = entries.sort(([, a], [, b]) => b.since - a.since).slice(0, MAX_WAITING_SESSIONS);
    if (newest.length < entries.length) console.warn('notes of older sessions are given up');
    const kept: AllNotes = {};
    for (const [id, notes] of newest) kept[id] = notes;
    this.#write(kept);
    this.#attempt = 0;
    void this.deliver();
  }

  /** What was sent waits no longer; what was noted meanwhile does. */
  #confirmed(sessionId: string, change: (notes: Notes) => Notes): void {
    const { [sessionId]: before, ...rest } = this.#read();
    if (before === undefined) return;
    const after = change(before);
    const isEmpty = after.add.length === 0 && after.remove.length === 0 && after.title === undefined;
    this.#write(isEmpty ? rest : { ...rest, [sessionId]: after });
  }

  #read(): AllNotes {
    const all: AllNotes = {};
    try {
      const stored = this.#deps.storage.getStorageSync(STORAGE_KEY);
      if (typeof stored !== 'object' || stored === null) return all;
      for (const [sessionId, notes] of Object.entries(stored)) if (isNotes(notes)) all[sessionId] = notes;
    } catch {
      // Storage that cannot be read holds nothing.
    }
    return all;
  }

  #write(all: AllNotes): void {
    try {
      this.#deps.storage.setStorageSync(STORAGE_KEY, all);
    } catch (error) {
      console.warn('notes could not be saved on the phone', error);
    }
  }
}
