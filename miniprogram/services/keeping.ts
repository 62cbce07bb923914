import type { Clock } from '../../lib/clock.ts';
import type { SessionFiles, Snapshot } from './persistence.ts';
import type { AudioRing } from './ring.ts';

/** While connected only positions are written: they tell, after a crash, how much is missing. */
const POSITIONS_EVERY_MS = 5_000;
/** While disconnected the audio is written too; a blip is over before the first time. */
const AUDIO_EVERY_MS = 2_000;

/** When a recording is written to the phone: seldom while all is well, soon after a drop, at once when the app is hidden. */
export class Keeping {
  readonly #clock: Clock;
  readonly #files: SessionFiles;
  readonly #snapshotOf: () => Snapshot;
  readonly #ring: AudioRing;
  readonly #failed: (error: unknown) => void;
  #connected = false;
  #done = false;
  #cancel: () => void = () => {};

  constructor(
    clock: Clock,
    files: SessionFiles,
    source: { snapshotOf: () => Snapshot; ring: AudioRing; failed: (error: unknown) => void },
  ) {
    this.#clock = clock;
    this.#files = files;
    this.#snapshotOf = source.snapshotOf;
    this.#ring = source.ring;
    this.#failed = source.failed;
    this.#schedule();
  }

  /** The connection came or went. */
  connected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#schedule();
  }

  /** Writes everything. Resolves when it is written, or could not be. */
  now(): Promise<void> {
    return this.#save(true);
  }

  /** Nothing is written any more; what is there stays. */
  leave(): void {
    this.#done = true;
    this.#cancel();
  }

  /** It is all delivered: deletes the files. */
  async done(): Promise<void> {
    this.leave();
    await this.#files.remove().catch(this.#failed);
  }

  #schedule(): void {
    this.#cancel();
    if (this.#done) return;
    const connected = this.#connected;
    this.#cancel = this.#clock.after(connected ? POSITIONS_EVERY_MS : AUDIO_EVERY_MS, () => {
      void this.#save(!connected);
      this.#schedule();
    });
  }

  async #save(audio: boolean): Promise<void> {
    if (!this.#done) await this.#files.save(this.#snapshotOf, this.#ring, audio).catch(this.#failed);
  }
}
