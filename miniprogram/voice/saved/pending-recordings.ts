import { REOPEN_WITHIN_MS, samplesToMs } from '../../../contract/limits.ts';
import { EventEmitter } from '../../../lib/emitter.ts';
import type { AnyErrorCode } from '../session/local-errors.ts';
import type { VoiceSessionDeps } from '../session/streaming-session.ts';
import { type PendingOutcome, type PendingProgress, resumePending } from './pending.ts';
import { readSavedSnapshot, removeSavedRecording, savedRecordingIds } from './saved-recordings.ts';

/** A recording on this phone that is not delivered yet. */
export interface PendingRecording {
  /** Id of the recording's session. */
  sessionId: string;
  /** Empty where the user gave none. */
  title: string;
  /** Length of the recording, ms. */
  recordedMs: number;
  /**
   * `recording`, `saving`: a session of this run of the app has it; `uploading`: it is being delivered; `waiting`: it was ended by the
   * user; `unfinished`: the app ended while it was recorded; `expired`: the service does not take it any more.
   */
  state: 'recording' | 'saving' | 'uploading' | 'waiting' | 'unfinished' | 'expired';
  /** Of `uploading`: audio that is still to be sent, ms. */
  remainingMs: number;
  /** Why it could not be delivered when that was tried last; null: it was not tried, or is being tried. */
  error: AnyErrorCode | null;
}

/** Events of {@link PendingRecordings}, by name, with their listeners. */
export interface PendingEvents {
  /** The one that is being delivered is further. */
  progress: (progress: PendingProgress) => void;
  /** All that could be delivered is. */
  finished: (outcomes: readonly PendingOutcome[]) => void;
}

/** The recordings on this phone that are not delivered yet: what they are, and what can be done with them. */
export class PendingRecordings {
  readonly #deps: VoiceSessionDeps;
  readonly #events = new EventEmitter<PendingEvents>((error) => console.error('a listener failed', error));
  readonly #errors = new Map<string, AnyErrorCode>();
  /** Those that are settled: their files may still be there, being deleted. */
  readonly #settled = new Set<string>();
  #progress: PendingProgress | null = null;
  #resuming: Promise<PendingOutcome[]> | null = null;

  /** @internal a service makes it: `VoiceService.pending` */
  constructor(deps: VoiceSessionDeps) {
    this.#deps = deps;
  }

  /** Adds a listener. @returns a function that removes it */
  on<E extends keyof PendingEvents>(event: E, fn: PendingEvents[E]): () => void {
    return this.#events.subscribe(event, fn);
  }

  /** Whether something is being recorded or delivered; it may not be in the list yet. */
  get busy(): boolean {
    return this.#deps.active.size > 0;
  }

  /** Delivers all; a call while an earlier one runs returns that one's promise. */
  resume(): Promise<PendingOutcome[]> {
    this.#resuming ??= this.#resume().finally(() => {
      this.#resuming = null;
    });
    return this.#resuming;
  }

  /** Those that the user has not cancelled, newest first. A recording that has just begun is not saved yet, and is not among them. */
  async list(): Promise<PendingRecording[]> {
    const { store } = this.#deps;
    const found: (PendingRecording & { savedAt: number })[] = [];
    for (const sessionId of store ? await savedRecordingIds(store) : []) {
      // A session that ends meanwhile has deleted its files by then: it is saved, and waits for nobody.
      const wasActive = this.#deps.active.has(sessionId);
      const snapshot = store && (await readSavedSnapshot(store, sessionId));
      if (!snapshot || snapshot.intent === 'cancel' || this.#settled.has(sessionId)) continue;
      const { endPos, rateHz, options, savedAt, recording = false } = snapshot;
      found.push({
        sessionId,
        title: options.title ?? '',
        recordedMs: samplesToMs(endPos, rateHz),
        state: this.#stateOf(sessionId, savedAt, recording, wasActive),
        remainingMs: this.#progress?.sessionId === sessionId ? this.#progress.remainingMs : 0,
        error: this.#errors.get(sessionId) ?? null,
        savedAt,
      });
    }
    found.sort((a, b) => b.savedAt - a.savedAt);
    return found.map(({ savedAt: _, ...recording }) => recording);
  }

  /** Deletes a recording from the phone; what the service has of it stays. @returns false: it is in use just now, and stays */
  async discard(sessionId: string): Promise<boolean> {
    const { store, active } = this.#deps;
    if (!store || active.has(sessionId)) return false;
    this.#errors.delete(sessionId);
    await removeSavedRecording(store, sessionId);
    return true;
  }

  /** Deletes all recordings from the phone, also cancelled ones; those that are in use just now stay. */
  async discardAll(): Promise<void> {
    const { store } = this.#deps;
    for (const sessionId of store ? await savedRecordingIds(store) : []) await this.discard(sessionId);
  }

  #stateOf(
    sessionId: string,
    savedAt: number,
    recording: boolean,
    wasActive: boolean,
  ): PendingRecording['state'] {
    if (this.#progress?.sessionId === sessionId) return 'uploading';
    if (wasActive || this.#deps.active.has(sessionId)) return recording ? 'recording' : 'saving';
    if (this.#deps.clock.now() - savedAt > REOPEN_WITHIN_MS) return 'expired';
    return recording ? 'unfinished' : 'waiting';
  }

  async #resume(): Promise<PendingOutcome[]> {
    try {
      const outcomes = await resumePending(this.#deps, {
        onProgress: (progress) => {
          this.#progress = progress;
          this.#errors.delete(progress.sessionId);
          this.#events.emit('progress', progress);
        },
      });
      for (const { sessionId, result, error } of outcomes) {
        if (result !== 'pending') this.#settled.add(sessionId);
        else if (error) this.#errors.set(sessionId, error.code);
      }
      this.#progress = null;
      this.#events.emit('finished', outcomes);
      return outcomes;
    } finally {
      this.#progress = null;
    }
  }
}
