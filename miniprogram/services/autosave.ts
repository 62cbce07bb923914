import type { Clock } from '../../lib/clock.ts';
import type { AudioRing } from './ring.ts';
import type { RecordingFiles, Snapshot } from './saved-recordings.ts';

/** While connected only positions are written: after a crash they show how much is missing. */
const POSITIONS_EVERY_MS = 5_000;
/** While disconnected the audio is written too; a short drop is over before the first time. */
const AUDIO_EVERY_MS = 2_000;

/**
 * Writes a recording to the phone's files: positions while connected, the audio too soon after a drop, everything at once by
 * `now` (the app is hidden, the recording was stopped).
 */
export class Autosave {
  readonly #clock: Clock;
  readonly #files: RecordingFiles;
  readonly #snapshotOf: () => Snapshot;
  readonly #ring: AudioRing;
  readonly #failed: (error: unknown) => void;
  #connected = false;
  #stopped = false;
  #cancel: () => void = () => {};

  constructor(
    clock: Clock,
    files: RecordingFiles,
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
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Deletes the files: everything is delivered, or thrown away. */
  async remove(): Promise<void> {
    this.stop();
    await this.#files.remove().catch(this.#failed);
  }

  #schedule(): void {
    this.#cancel();
    if (this.#stopped) return;
    const connected = this.#connected;
    this.#cancel = this.#clock.after(connected ? POSITIONS_EVERY_MS : AUDIO_EVERY_MS, () => {
      void this.#save(!connected);
      this.#schedule();
    });
  }

  async #save(audio: boolean): Promise<void> {
    if (!this.#stopped) await this.#files.save(this.#snapshotOf, this.#ring, audio).catch(this.#failed);
  }
}
