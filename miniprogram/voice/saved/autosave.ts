import type { Clock } from '../../../lib/clock.ts';
import type { AudioRing } from '../session/ring.ts';
import type { RecordingFiles, SavedSnapshot } from './saved-recordings.ts';

/** Interval while connected, ms. Only positions are written: after a crash they show how much audio is missing. */
const POSITIONS_EVERY_MS = 5_000;
/** Interval while disconnected, ms. The audio is written, too; a shorter drop writes nothing. */
const AUDIO_EVERY_MS = 2_000;

/**
 * Saves a recording to the phone's files: positions while connected, the audio too while disconnected, and everything
 * immediately at `now` (when the app is hidden, or the recording was stopped).
 */
export class Autosave {
  readonly #clock: Clock;
  readonly #files: RecordingFiles;
  readonly #snapshotOf: () => SavedSnapshot;
  readonly #ring: AudioRing;
  readonly #failed: (error: unknown) => void;
  #connected = false;
  #stopped = false;
  #cancel: () => void = () => {};

  constructor(
    clock: Clock,
    files: RecordingFiles,
    source: { snapshotOf: () => SavedSnapshot; ring: AudioRing; failed: (error: unknown) => void },
  ) {
    this.#clock = clock;
    this.#files = files;
    this.#snapshotOf = source.snapshotOf;
    this.#ring = source.ring;
    this.#failed = source.failed;
    this.#schedule();
  }

  /** Whether the session is connected has changed. */
  connected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#schedule();
  }

  /** Writes everything. Resolves when it is written, or has failed; never rejects. */
  now(): Promise<void> {
    return this.#save(true);
  }

  /** Stops writing; the files stay. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Stops writing and deletes the files. */
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
