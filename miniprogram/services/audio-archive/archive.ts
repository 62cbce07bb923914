import type { AudioKeeper, AudioSink, FileStore } from 'cloudbase-voice';
import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { AudioNotes } from './notes.ts';
import { readSegmentName, type Segment, segmentBytes, segmentName } from './segment.ts';
import { ArchiveWriter } from './writer.ts';

/** Room that is made where the phone is full, for the audio of recordings that are not delivered: two minutes of PCM at 16 kHz. */
export const RESERVE_BYTES = 4 * 1024 * 1024;

/** The audio of one recording that is on this phone. */
export interface ArchivedRecording {
  sessionId: string;
  startedAt: number;
  rateHz: number;
  /** In the order of their positions; what lies between two is not on this phone. */
  segments: readonly Segment[];
  bytes: number;
}

export interface ArchiveDeps {
  store: FileStore;
  clock: Clock;
  notes: AudioNotes;
  /** Most bytes of all recordings; 0: none is kept. Read at every use. */
  quotaBytes: () => number;
  /** Keeping a recording has ended for lack of room. */
  outOfRoom: () => void;
  /** All audio of a recording that has ended is on the phone. */
  ended?: () => void;
}

/** Sorts a list of names into recordings, the oldest first. */
export function recordingsOf(names: readonly string[]): ArchivedRecording[] {
  const bySession = new Map<string, Segment[]>();
  for (const name of names) {
    const segment = readSegmentName(name);
    if (segment === null) continue;
    const segments = bySession.get(segment.sessionId);
    if (segments) segments.push(segment);
    else bySession.set(segment.sessionId, [segment]);
  }
  return [...bySession.values()]
    .map((segments) => {
      segments.sort((a, b) => a.fromPos - b.fromPos);
      const { sessionId, rateHz } = segments[0] as Segment;
      const startedAt = Math.min(...segments.map((segment) => segment.startedAt));
      const bytes = segments.reduce((sum, segment) => sum + segmentBytes(segment), 0);
      return { sessionId, startedAt, rateHz, segments, bytes };
    })
    .sort((a, b) => a.startedAt - b.startedAt);
}

/**
 * The audio of recordings that this phone keeps, compressed, within a quota: where there is no room the oldest recording goes, but
 * never one that is being recorded or played. Operations run one after the other.
 */
export class AudioArchive implements AudioKeeper {
  readonly #deps: ArchiveDeps;
  readonly #writers = new Map<string, ArchiveWriter>();
  readonly #held = new Map<string, number>();
  /** Sessions that were deleted while they were recorded: nothing more of them is kept. */
  readonly #removed = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: ArchiveDeps) {
    this.#deps = deps;
  }

  open(sessionId: string, rateHz: number): AudioSink | null {
    if (this.#deps.quotaBytes() === 0 || this.#removed.has(sessionId)) return null;
    const writer = new ArchiveWriter({
      sessionId,
      startedAt: this.#deps.clock.now(),
      rateHz,
      save: (segment, file) => this.#exclusive(() => this.#save(segment, file)),
      failed: (error) => {
        console.warn('the recording is not kept any more', error);
        this.#deps.notes.set(sessionId, 'full');
        this.#deps.outOfRoom();
      },
    });
    this.#writers.set(sessionId, writer);
    return {
      append: (pos, pcm) => writer.append(pos, pcm),
      flush: () => writer.flush(),
      end: async () => {
        await writer.flush();
        await writer.close();
        if (this.#writers.get(sessionId) === writer) this.#writers.delete(sessionId);
        this.#deps.ended?.();
      },
    };
  }

  /** Whether the recording may still grow. */
  isOpen(sessionId: string): boolean {
    return this.#writers.has(sessionId);
  }

  /** Keeps a whole recording that has ended. */
  keep(sessionId: string, rateHz: number, pieces: readonly ArrayBuffer[]): void {
    const sink = this.open(sessionId, rateHz);
    let pos = 0;
    for (const pcm of pieces) {
      sink?.append(pos, pcm);
      pos += Math.floor(pcm.byteLength / BYTES_PER_SAMPLE);
    }
    void sink?.end();
  }

  /** All recordings, the oldest first. */
  recordings(): Promise<ArchivedRecording[]> {
    return this.#exclusive(() => this.#list());
  }

  /** Null where this phone has nothing of it. */
  async recording(sessionId: string): Promise<ArchivedRecording | null> {
    await this.#writers.get(sessionId)?.flush();
    return (await this.recordings()).find((recording) => recording.sessionId === sessionId) ?? null;
  }

  /** A segment's file; null where it is not there any more, or cannot be read. */
  read(segment: Segment): Promise<ArrayBuffer | null> {
    return this.#deps.store.read(segmentName(segment)).catch(() => null);
  }

  /** Keeps a recording from being evicted while it is played. @returns a function that ends this */
  hold(sessionId: string): () => void {
    this.#held.set(sessionId, (this.#held.get(sessionId) ?? 0) + 1);
    let held = true;
    return () => {
      if (held) this.#held.set(sessionId, (this.#held.get(sessionId) ?? 1) - 1);
      held = false;
    };
  }

  async remove(sessionId: string): Promise<void> {
    const writer = this.#writers.get(sessionId);
    if (writer) this.#removed.add(sessionId);
    this.#writers.delete(sessionId);
    await writer?.close();
    await this.#exclusive(async () => {
      const recording = (await this.#list()).find((other) => other.sessionId === sessionId);
      if (recording) await this.#delete(recording);
    }).catch((error) => console.warn('the audio of a recording could not be deleted', error));
  }

  /** Deletes all audio, also of recordings that are being kept. Rejects where something could not be deleted. */
  async removeAll(): Promise<void> {
    for (const [sessionId, writer] of this.#writers) {
      this.#removed.add(sessionId);
      await writer.close();
    }
    this.#writers.clear();
    await this.#exclusive(async () => {
      for (const name of await this.#deps.store.list()) await this.#deps.store.remove(name);
    });
    this.#deps.notes.clear();
  }

  /** Evicts what exceeds the quota, after it was lowered. Where nothing is to be kept any more, what there is stays. */
  async fitQuota(): Promise<void> {
    const quota = this.#deps.quotaBytes();
    if (quota > 0) await this.#exclusive(() => this.#evictDownTo(quota)).catch(() => {});
  }

  async makeRoom(): Promise<void> {
    await this.#exclusive(() => this.#freeReserve()).catch((error) =>
      console.warn('no room could be made', error),
    );
  }

  async #save(segment: Segment, file: ArrayBuffer): Promise<void> {
    const quota = this.#deps.quotaBytes();
    // Deleted, or the user has turned the keeping off, since the recording began.
    if (quota === 0 || this.#removed.has(segment.sessionId)) return;
    const room = quota - file.byteLength;
    if ((await this.#evictDownTo(room)) > room) throw new Error('the quota is used up by this recording');
    const name = segmentName(segment);
    try {
      await this.#deps.store.write(name, file);
    } catch (error) {
      // A part of it may have been written.
      await this.#deps.store.remove(name).catch(() => {});
      await this.#freeReserve().catch(() => {});
      throw error;
    }
  }

  /** Deletes {@link RESERVE_BYTES}: the oldest recordings, else the newest audio of those that are being recorded or played. */
  async #freeReserve(): Promise<void> {
    const used = (await this.#list()).reduce((sum, { bytes }) => sum + bytes, 0);
    const wanted = Math.max(0, used - RESERVE_BYTES);
    let left = await this.#evictDownTo(wanted);
    if (left <= wanted) return;
    const segments: Segment[] = [];
    for (const recording of await this.#list()) segments.push(...recording.segments);
    for (const segment of segments.reverse()) {
      if (left <= wanted) return;
      await this.#deps.store.remove(segmentName(segment));
      this.#deps.notes.set(segment.sessionId, 'full');
      left -= segmentBytes(segment);
    }
  }

  /** @returns bytes that are left, more than wanted where all is being recorded or played */
  async #evictDownTo(bytes: number): Promise<number> {
    const all = await this.#list();
    let used = all.reduce((sum, recording) => sum + recording.bytes, 0);
    for (const recording of all) {
      if (used <= bytes) break;
      const { sessionId } = recording;
      if (this.#writers.has(sessionId) || (this.#held.get(sessionId) ?? 0) > 0) continue;
      this.#deps.notes.set(sessionId, 'evicted');
      await this.#delete(recording);
      used -= recording.bytes;
    }
    return used;
  }

  async #delete({ segments }: ArchivedRecording): Promise<void> {
    for (const segment of segments) await this.#deps.store.remove(segmentName(segment));
  }

  async #list(): Promise<ArchivedRecording[]> {
    return recordingsOf(await this.#deps.store.list());
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => {});
    return done;
  }
}
