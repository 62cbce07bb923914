import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';
import { type Clock, sleep } from '../../../lib/clock.ts';
import { EventEmitter } from '../../../lib/emitter.ts';
import { Gatherer } from './gather.ts';
import { loudnessOf, rmsOf, smoothLevel } from './level.ts';
import { Microphone } from './microphone.ts';
import { Rechunker } from './rechunk.ts';
import {
  type PauseReason,
  type Recorder,
  RecorderError,
  type RecorderEvents,
  type RecorderFormat,
  type RecorderState,
} from './recorder.types.ts';
import type { SharedRecorder } from './shared-recorder.ts';

/** What a recorder uses of the phone. */
export interface RecorderDeps {
  shared: SharedRecorder;
  clock: Clock;
  /** Rejects with a {@link RecorderError} where the microphone may not be used. */
  ensurePermission(): Promise<void>;
  keepScreenOn(on: boolean): void;
  /** Listens for the app going to the background. @returns a function that stops listening */
  onAppHide(fn: () => void): () => void;
}

/** A recording that has just ended may still be closing the microphone: the next one waits so long for it, ms. */
export const ACQUIRE_WITHIN_MS = 3_000;
const ACQUIRE_RETRY_MS = 100;
/** Of the audio that each level tells of, ms. */
const LEVEL_MS = 100;
/** Shorter frames of the phone are joined, ms: more messages than 25 a second are not worth it. */
const LEAST_FRAME_MS = 40;
/** A pause between words: loudness below this in so many levels in a row. A gap in the recording there cuts no word. */
const QUIET_LOUDNESS = 0.15;
const QUIET_LEVELS = 4;

/**
 * Of several reasons the highest is kept: a call also sends the app to the background, and some phones report the background as
 * an interruption. A pause by the user stays one.
 */
const PAUSE_PRIORITY: Record<PauseReason, number> = { system: 0, interrupted: 1, hidden: 2, user: 3 };

interface Waiter {
  resolve(): void;
  reject(error: RecorderError): void;
}

/**
 * One recording of any length over the phone's microphone. A pause closes the microphone, and so do an interruption and the
 * 10-minute limit; resuming opens it again. The wanted state (`#wanted`, `#ended`) and the microphone's actual state are kept
 * apart, and `#reconcile` makes one step from the second to the first, so taps, calls and slow phones may come in any order.
 */
class MicRecorder implements Recorder {
  readonly #deps: RecorderDeps;
  readonly #events = new EventEmitter<RecorderEvents>((error) => console.error('a listener failed', error));
  readonly #gatherer: Gatherer;
  /** Of equal pieces, so that levels come at a steady pace. */
  readonly #rechunker: Rechunker;
  readonly #microphone: Microphone;
  #state: RecorderState = { name: 'idle' };
  /** The microphone should be open. */
  #wanted = false;
  /** `stop` was called, or the recorder has failed. */
  #ended = false;
  #everOpened = false;
  #pauseReason: PauseReason = 'user';
  #interrupted = false;
  #level = 0;
  #quietLevels = 0;
  #offHide = (): void => {};
  #openWaiters: Waiter[] = [];
  #closeWaiters: (() => void)[] = [];

  constructor(deps: RecorderDeps, format: RecorderFormat) {
    this.#deps = deps;
    const bytesOf = (ms: number): number => (format.sampleRateHz / 1000) * ms * BYTES_PER_SAMPLE;
    this.#gatherer = new Gatherer(bytesOf(LEAST_FRAME_MS), (pcm) => this.#events.emit('frame', pcm));
    this.#rechunker = new Rechunker(bytesOf(LEVEL_MS), (pcm) => this.#listen(pcm));
    this.#microphone = new Microphone(deps, format, {
      opened: () => this.#opened(),
      frame: (pcm) => {
        this.#gatherer.push(pcm);
        this.#rechunker.push(pcm);
      },
      closed: (unexpected) => this.#closed(unexpected),
      openFailed: (error) => this.#openFailed(error),
      error: (error) => {
        this.#events.emit('error', error);
        this.#suspend('system');
      },
      paused: () => this.#suspend('system'),
      interruption: (active) => this.#interruption(active),
    });
  }

  get state(): RecorderState {
    return this.#state;
  }

  on<E extends keyof RecorderEvents>(event: E, fn: RecorderEvents[E]): () => void {
    return this.#events.subscribe(event, fn);
  }

  async start(): Promise<void> {
    if (this.#state.name !== 'idle') throw new RecorderError('failed', 'a recorder starts only once');
    this.#enter({ name: 'asking' });
    try {
      await this.#deps.ensurePermission();
    } catch (error) {
      const failure = error instanceof RecorderError ? error : new RecorderError('failed', String(error));
      this.#fail(failure);
      throw failure;
    }
    const acquired = await this.#acquire();
    if (this.#ended) throw new RecorderError('failed', 'stopped before the microphone was open');
    if (!acquired) {
      const failure = new RecorderError('busy', 'another recording holds the microphone');
      this.#fail(failure);
      throw failure;
    }
    this.#offHide = this.#deps.onAppHide(() => this.#suspend('hidden'));
    this.#enter({ name: 'starting' });
    return this.#open();
  }

  /** @returns false while another recording keeps the microphone, or where this one has ended meanwhile */
  async #acquire(): Promise<boolean> {
    const until = this.#deps.clock.now() + ACQUIRE_WITHIN_MS;
    while (!this.#ended) {
      if (this.#microphone.acquire()) return true;
      if (this.#deps.clock.now() >= until) return false;
      await sleep(this.#deps.clock, ACQUIRE_RETRY_MS);
    }
    return false;
  }

  pause(): Promise<void> {
    this.#suspend('user');
    return this.#whenClosed();
  }

  resume(): Promise<void> {
    if (this.#ended || !this.#microphone.acquired) {
      return Promise.reject(new RecorderError('failed', 'there is no recording to go on with'));
    }
    if (this.#state.name === 'paused') this.#enter({ name: 'starting' });
    return this.#open();
  }

  stop(): Promise<void> {
    if (this.#state.name === 'failed') return Promise.resolve();
    this.#ended = true;
    this.#wanted = false;
    const closed = this.#whenClosed();
    this.#reconcile();
    return closed;
  }

  // --- what is wanted ---------------------------------------------------------------------------------

  #open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#openWaiters.push({ resolve, reject });
      this.#wanted = true;
      this.#reconcile();
    });
  }

  /** Resolves when the microphone is closed. */
  #whenClosed(): Promise<void> {
    const { name } = this.#state;
    const isClosed = this.#microphone.state === 'closed' && !this.#wanted && !this.#ended;
    if (isClosed || name === 'stopped') return Promise.resolve();
    return new Promise((resolve) => void this.#closeWaiters.push(resolve));
  }

  /** Pauses the recording. Of several reasons the one with the highest priority is kept. */
  #suspend(reason: PauseReason): void {
    if (this.#ended || !this.#microphone.acquired) return;
    const actual = reason === 'system' && this.#interrupted ? 'interrupted' : reason;
    if (this.#wanted) {
      this.#wanted = false;
      this.#pauseReason = actual;
      this.#reconcile();
    } else if (actual !== 'user' && PAUSE_PRIORITY[actual] > PAUSE_PRIORITY[this.#pauseReason]) {
      this.#pauseReason = actual;
      if (this.#state.name === 'paused') this.#reconcile();
    }
  }

  /** Makes one step from the microphone's state towards the wanted one; called again when the step is done. */
  #reconcile(): void {
    const { state } = this.#microphone;
    if (state === 'closed') {
      if (this.#wanted) this.#microphone.open();
      else this.#settleClosed();
    } else if (state === 'open') {
      if (this.#wanted) this.#enter({ name: 'recording' });
      else this.#microphone.close();
    }
  }

  /** The microphone is closed, and is not to be opened. */
  #settleClosed(): void {
    if (this.#level !== 0) this.#events.emit('level', 0);
    this.#level = 0;
    if (this.#ended) this.#release();
    else if (this.#everOpened) this.#deps.keepScreenOn(false);
    this.#enter(
      this.#ended
        ? { name: 'stopped' }
        : { name: 'paused', reason: this.#pauseReason, blocked: this.#interrupted },
    );
    for (const resolve of this.#closeWaiters.splice(0)) resolve();
    this.#rejectWaiters(
      new RecorderError('failed', 'the recording was paused before the microphone was open'),
    );
  }

  // --- events of the microphone -----------------------------------------------------------------------

  #opened(): void {
    this.#everOpened = true;
    this.#interrupted = false;
    this.#quietLevels = 0;
    this.#deps.keepScreenOn(true);
    for (const waiter of this.#openWaiters.splice(0)) waiter.resolve();
    this.#reconcile();
  }

  #closed(unexpected: boolean): void {
    this.#gatherer.flush();
    this.#rechunker.flush();
    if (unexpected) this.#suspend('system');
    else this.#reconcile();
  }

  #openFailed(error: RecorderError): void {
    if (!this.#wanted) {
      this.#reconcile();
    } else if (this.#everOpened) {
      this.#rejectWaiters(error);
      this.#events.emit('error', error);
      this.#suspend('system');
    } else {
      this.#fail(error);
      this.#rejectWaiters(error);
    }
  }

  #interruption(active: boolean): void {
    this.#interrupted = active;
    if (active) this.#suspend('interrupted');
    else if (this.#state.name === 'paused') this.#reconcile();
  }

  #listen(pcm: ArrayBuffer): void {
    const loudness = loudnessOf(rmsOf(pcm));
    this.#level = smoothLevel(this.#level, loudness);
    this.#events.emit('level', this.#level);
    this.#quietLevels = loudness < QUIET_LOUDNESS ? this.#quietLevels + 1 : 0;
    const renew = this.#quietLevels >= QUIET_LEVELS && this.#microphone.renewalDue;
    if (renew && this.#microphone.state === 'open') this.#microphone.close();
  }

  // --- helpers ----------------------------------------------------------------------------------------

  #rejectWaiters(error: RecorderError): void {
    for (const waiter of this.#openWaiters.splice(0)) waiter.reject(error);
  }

  #release(): void {
    this.#offHide();
    this.#microphone.release();
    if (this.#everOpened) this.#deps.keepScreenOn(false);
  }

  #fail(error: RecorderError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wanted = false;
    this.#release();
    this.#enter({ name: 'failed', error });
    this.#events.emit('error', error);
  }

  #enter(state: RecorderState): void {
    if (isSame(this.#state, state)) return;
    this.#state = state;
    this.#events.emit('state', state);
  }
}

const isSame = (a: RecorderState, b: RecorderState): boolean =>
  a.name === 'paused' && b.name === 'paused'
    ? a.reason === b.reason && a.blocked === b.blocked
    : a.name === b.name;

/** A recorder for one recording; nothing happens before its `start`. */
export const createRecorder = (deps: RecorderDeps, format: RecorderFormat): Recorder =>
  new MicRecorder(deps, format);
