import { CLIENT_RING_MS, msToSamples } from '../../../contract/limits.ts';
import { AudioRing, type Range } from '../session/ring.ts';
import type { StreamIdentity } from '../session/wire.ts';

/** Storage of small files. Names consist of letters, digits, `-`, `_` and `.`. */
export interface FileStore {
  /** Null where the file does not exist. */
  read(name: string): Promise<ArrayBuffer | null>;
  /** Replaces the file where it exists. Rejects where it cannot be written, such as for lack of space. */
  write(name: string, data: ArrayBuffer): Promise<void>;
  /** Does nothing where the file does not exist. */
  remove(name: string): Promise<void>;
  /** Names of all files, in any order. */
  list(): Promise<string[]>;
}

/** What is saved of a recording besides its audio. */
export interface SavedSnapshot extends StreamIdentity {
  version: 1;
  intent: 'stop' | 'cancel';
  /** Position behind the last sample when this was written. */
  endPos: number;
  /** Epoch ms by this phone. */
  savedAt: number;
  /** It was still being recorded then. */
  recording?: boolean;
}

/** A recording that was read from the phone's files. */
export interface SavedRecording {
  snapshot: SavedSnapshot;
  ring: AudioRing;
}

const META = '.json';
const AUDIO = '.pcm';
/** An audio file begins with the position of its first sample, a little-endian float64. */
const HEADER_BYTES = 8;

const metaName = (sessionId: string): string => sessionId + META;
const audioName = (sessionId: string, block: number): string => `${sessionId}.${block}${AUDIO}`;

/** JSON with non-ASCII characters escaped, since a mini-program has no TextEncoder. */
const textBytes = (value: unknown): ArrayBuffer => {
  const ascii = JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Uint8Array.from(ascii, (char) => char.charCodeAt(0)).buffer;
};
const textOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');

function withHeader(fromPos: number, pcm: ArrayBuffer): ArrayBuffer {
  const file = new Uint8Array(HEADER_BYTES + pcm.byteLength);
  new DataView(file.buffer).setFloat64(0, fromPos, true);
  file.set(new Uint8Array(pcm), HEADER_BYTES);
  return file.buffer;
}

/**
 * One recording's files: a small JSON, and a file for each block of the ring. Only changes are written, one operation after the
 * other; saves that are requested while one is queued are merged into it.
 */
export class RecordingFiles {
  readonly #store: FileStore;
  readonly #sessionId: string;
  readonly #onDisk = new Map<number, Range>();
  #last: Promise<void> = Promise.resolve();
  #queued: { audio: boolean } | null = null;
  #removed = false;

  constructor(store: FileStore, sessionId: string) {
    this.#store = store;
    this.#sessionId = sessionId;
  }

  /** Writes the present state. @param audio false: positions only. Rejects where the store does. */
  save(snapshotOf: () => SavedSnapshot, ring: AudioRing, audio: boolean): Promise<void> {
    if (this.#queued) {
      this.#queued.audio ||= audio;
      return this.#last;
    }
    const queued = { audio };
    this.#queued = queued;
    return this.#enqueue(async () => {
      this.#queued = null;
      if (this.#removed) return;
      // The JSON before the audio, so that it never claims audio that later files do not hold.
      await this.#store.write(metaName(this.#sessionId), textBytes(snapshotOf()));
      await this.#saveAudio(ring, queued.audio);
    });
  }

  /** Deletes the files; later saves do nothing. */
  remove(): Promise<void> {
    this.#removed = true;
    return this.#enqueue(async () => {
      await removeSavedRecording(this.#store, this.#sessionId);
    });
  }

  async #saveAudio(ring: AudioRing, audio: boolean): Promise<void> {
    const oldest = Math.floor(ring.startPos / ring.blockSamples);
    for (const index of [...this.#onDisk.keys()]) {
      if (index >= oldest) continue;
      this.#onDisk.delete(index);
      await this.#store.remove(audioName(this.#sessionId, index));
    }
    if (!audio) return;
    for (const { index, range } of ring.blocks()) {
      const written = this.#onDisk.get(index);
      // The block may have left the ring while an earlier one was being written.
      if (this.#removed || range.fromPos < ring.startPos || (written && written.toPos >= range.toPos))
        continue;
      const pcm = ring.read(range.fromPos, range.toPos - range.fromPos);
      await this.#store.write(audioName(this.#sessionId, index), withHeader(range.fromPos, pcm));
      this.#onDisk.set(index, range);
    }
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.catch(() => {}).then(work);
    return this.#last;
  }
}

/** Ids of the recordings that are saved on the phone. */
export async function savedRecordingIds(store: FileStore): Promise<string[]> {
  const names = await store.list();
  return names.filter((name) => name.endsWith(META)).map((name) => name.slice(0, -META.length));
}

/** Deletes a recording's files. */
export async function removeSavedRecording(store: FileStore, sessionId: string): Promise<void> {
  const names = await store.list();
  // The JSON last: files of a recording without one are never found again.
  for (const name of names.filter((name) => name.startsWith(`${sessionId}.`) && name.endsWith(AUDIO)))
    await store.remove(name);
  await store.remove(metaName(sessionId));
}

function readSnapshot(bytes: ArrayBuffer): SavedSnapshot | null {
  try {
    const snapshot = JSON.parse(textOf(bytes)) as SavedSnapshot;
    return snapshot.version === 1 && Number.isSafeInteger(snapshot.endPos) ? snapshot : null;
  } catch {
    return null;
  }
}

/** What is saved of a recording besides its audio; null where it cannot be read. */
export async function readSavedSnapshot(store: FileStore, sessionId: string): Promise<SavedSnapshot | null> {
  const meta = await store.read(metaName(sessionId));
  return meta && readSnapshot(meta);
}

/**
 * Reads a saved recording. Where a file in the middle is missing, only the audio behind it is used; the rest is reported as lost
 * when the recording is resumed.
 * @returns null where it cannot be read
 */
export async function readSavedRecording(
  store: FileStore,
  sessionId: string,
): Promise<SavedRecording | null> {
  const snapshot = await readSavedSnapshot(store, sessionId);
  if (!snapshot) return null;
  const pieces: { fromPos: number; pcm: ArrayBuffer }[] = [];
  for (const name of await store.list()) {
    if (!name.startsWith(`${sessionId}.`) || !name.endsWith(AUDIO)) continue;
    const file = await store.read(name);
    if (!file || file.byteLength <= HEADER_BYTES) continue;
    pieces.push({ fromPos: new DataView(file).getFloat64(0, true), pcm: file.slice(HEADER_BYTES) });
  }
  pieces.sort((a, b) => a.fromPos - b.fromPos);
  const { rateHz, endPos } = snapshot;
  const ring = new AudioRing(rateHz, msToSamples(CLIENT_RING_MS, rateHz), pieces[0]?.fromPos ?? endPos);
  for (const { fromPos, pcm } of pieces) {
    if (fromPos !== ring.endPos) ring.rebase(fromPos);
    ring.append(pcm);
  }
  return { snapshot, ring };
}
