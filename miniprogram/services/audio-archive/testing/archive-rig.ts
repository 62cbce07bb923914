import { FakeClock } from '../../../../lib/fake-clock.ts';
import type { SettingsApi } from '../../../utils/settings.ts';
import { MemoryFileStore } from '../../../voice/testing/rig.ts';
import { AudioArchive } from '../archive.ts';
import { AudioNotes } from '../notes.ts';
import { SEGMENT_SECONDS, segmentBytes, segmentName } from '../segment.ts';

export const RATE_HZ = 16_000;
/** Audio of this many seconds in the archive, bytes. */
export const audioBytes = (seconds: number): number =>
  segmentBytes({ rateHz: RATE_HZ, samples: seconds * RATE_HZ });

/** What is spoken at a position, so that audio in a wrong place is noticed: a tone whose pitch goes up with every second. */
export const tone = (fromPos: number, samples: number): Int16Array =>
  Int16Array.from({ length: samples }, (_, i) => {
    const pos = fromPos + i;
    const hz = 200 + 10 * Math.floor(pos / RATE_HZ);
    return 12_000 * Math.sin((2 * Math.PI * hz * pos) / RATE_HZ);
  });

const seconds = new Map<number, ArrayBuffer>();
/** One second of it, for recordings that begin at a whole second. */
export function toneSecond(second: number): ArrayBuffer {
  const made = seconds.get(second) ?? (tone(second * RATE_HZ, RATE_HZ).buffer as ArrayBuffer);
  seconds.set(second, made);
  return made;
}

/** Root mean square of the difference, as a share of that of what was wanted. */
export function rmsError(got: Int16Array, wanted: Int16Array): number {
  let [error, power] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const sample = wanted[i] as number;
    error += ((got[i] ?? 0) - sample) ** 2;
    power += sample ** 2;
  }
  return got.length === wanted.length ? Math.sqrt(error / power) : Number.POSITIVE_INFINITY;
}

/** The phone's storage of settings. */
export function memoryStorage(): SettingsApi {
  const stored = new Map<string, unknown>();
  return {
    getStorageSync: (key) => stored.get(key) ?? '',
    setStorageSync: (key, value) => void stored.set(key, value),
  };
}

/** A store that is full at `limitBytes`, as WeChat's folder is at 200 MB. */
export class LimitedStore extends MemoryFileStore {
  limitBytes = Number.POSITIVE_INFINITY;

  get bytes(): number {
    return [...this.files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  override async write(name: string, data: ArrayBuffer): Promise<void> {
    if (this.bytes + data.byteLength > this.limitBytes) {
      // A part of the file may be written before the phone notices.
      await super.write(name, data.slice(0, data.byteLength / 2));
      throw new Error('the maximum size of the file storage limit is exceeded');
    }
    await super.write(name, data);
  }
}

/** An archive with everything around it. */
export class ArchiveRig {
  readonly clock = new FakeClock();
  readonly store = new LimitedStore();
  readonly storage = memoryStorage();
  readonly notes = new AudioNotes(this.storage);
  quotaBytes = audioBytes(3_600);
  outOfRoom = 0;
  readonly archive = new AudioArchive({
    store: this.store,
    clock: this.clock,
    notes: this.notes,
    quotaBytes: () => this.quotaBytes,
    outOfRoom: () => {
      this.outOfRoom += 1;
    },
  });

  /** Records a session of so many seconds to its end. */
  async record(sessionId: string, seconds: number, fromSecond = 0): Promise<void> {
    const sink = this.archive.open(sessionId, RATE_HZ);
    for (let second = fromSecond; second < fromSecond + seconds; second++) {
      sink?.append(second * RATE_HZ, toneSecond(second));
      await this.clock.advance(1_000);
    }
    await sink?.end();
  }

  /** Audio of an earlier run of the app, of so many seconds; what is heard in it does not matter. */
  async place(sessionId: string, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += SEGMENT_SECONDS) {
      const samples = Math.min(SEGMENT_SECONDS, seconds - second) * RATE_HZ;
      const segment = {
        sessionId,
        startedAt: this.clock.now(),
        rateHz: RATE_HZ,
        fromPos: second * RATE_HZ,
        samples,
      };
      await this.store.write(segmentName(segment), new ArrayBuffer(segmentBytes(segment)));
    }
    await this.clock.advance(seconds * 1_000);
  }

  async sessions(): Promise<string[]> {
    return (await this.archive.recordings()).map(({ sessionId }) => sessionId);
  }
}
