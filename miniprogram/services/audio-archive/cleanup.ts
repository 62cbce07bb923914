import { codeOf } from 'cloudbase-voice';
import { RESTORE_WITHIN_MS } from '../../../contract/limits.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { CloudApi } from '../cloud.ts';
import type { AudioArchive } from './archive.ts';
import type { AudioDeletions } from './deletions.ts';

/** Records that one run of the app asks the service about: others come at other times, since it begins at a random one. */
const CHECKED_A_RUN = 3;

export interface CleanupDeps {
  archive: Pick<AudioArchive, 'recordings' | 'remove'>;
  deletions: AudioDeletions;
  cloud: Pick<CloudApi, 'history'>;
  clock: Clock;
  /** 0 ≤ x < 1 */
  random: () => number;
  /** Recordings that are under way: their record may not exist yet. */
  active: ReadonlySet<string>;
}

/**
 * Deletes the audio of records that do not exist any more: those that were deleted on this phone, once they cannot be restored, and
 * those that are gone from the service (deleted on another phone).
 */
export class AudioCleanup {
  readonly #deps: CleanupDeps;
  /** Records that the service may still be asked about. */
  #checksLeft = CHECKED_A_RUN;
  #running: Promise<void> | null = null;

  constructor(deps: CleanupDeps) {
    this.#deps = deps;
  }

  /** A call while one runs returns that one's promise. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run()
      .catch((error) => console.warn('the audio of deleted records could not be deleted', error))
      .then(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #run(): Promise<void> {
    const { archive, deletions, clock } = this.#deps;
    for (const { sessionId, sure } of deletions.due(clock.now())) {
      const exists = sure ? false : await this.#exists(sessionId);
      // Asked again at the next cleanup.
      if (exists === undefined) continue;
      if (!exists) await archive.remove(sessionId);
      deletions.cancel(sessionId);
    }
    if (this.#checksLeft > 0) await this.#check();
  }

  async #check(): Promise<void> {
    const { archive, deletions, clock, random, active } = this.#deps;
    const unsure = (await archive.recordings()).filter(
      ({ sessionId }) => !active.has(sessionId) && !deletions.has(sessionId),
    );
    const first = Math.floor(random() * unsure.length);
    const inTurn = [...unsure.slice(first), ...unsure.slice(0, first)];
    for (const { sessionId } of inTurn.slice(0, this.#checksLeft)) {
      const exists = await this.#exists(sessionId);
      if (exists === undefined) return;
      this.#checksLeft -= 1;
      // It may have been deleted a moment ago on another phone, which can restore it, or not be delivered yet.
      if (!exists) deletions.schedule({ sessionId, at: clock.now() + RESTORE_WITHIN_MS, sure: false });
    }
  }

  /** Whether there is a record; undefined where that cannot be told now. */
  async #exists(sessionId: string): Promise<boolean | undefined> {
    try {
      await this.#deps.cloud.history('get', { sessionId, limit: 1 });
      return true;
    } catch (error) {
      return codeOf(error) === 'NOT_FOUND' ? false : undefined;
    }
  }
}
