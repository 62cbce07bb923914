import type { SettingsApi } from '../../utils/settings.ts';

const STORAGE_KEY = 'audio-notes';
/** Older ones are dropped: then only the general reason is told. */
const MAX_NOTES = 200;

/** Why audio is not there. `evicted`: it made room for newer recordings; `full`: the phone or the quota had no room for it. */
export type AudioNote = 'evicted' | 'full';

type Entry = [sessionId: string, note: AudioNote];
const isEntry = (value: unknown): value is Entry => Array.isArray(value) && typeof value[0] === 'string';

/** Why this phone has no audio of a recording, or not all of it, by session. */
export class AudioNotes {
  readonly #api: SettingsApi;

  constructor(api: SettingsApi) {
    this.#api = api;
  }

  get(sessionId: string): AudioNote | null {
    return this.#read().find(([id]) => id === sessionId)?.[1] ?? null;
  }

  set(sessionId: string, note: AudioNote): void {
    this.#write([[sessionId, note], ...this.#read().filter(([id]) => id !== sessionId)]);
  }

  clear(): void {
    this.#write([]);
  }

  #read(): Entry[] {
    try {
      const stored = this.#api.getStorageSync(STORAGE_KEY);
      return Array.isArray(stored) ? stored.filter(isEntry) : [];
    } catch {
      return [];
    }
  }

  #write(notes: Entry[]): void {
    try {
      this.#api.setStorageSync(STORAGE_KEY, notes.slice(0, MAX_NOTES));
    } catch {
      // Without it only the general reason is told.
    }
  }
}
