import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';
import { Emitter } from '../services/emitter.ts';
import type { Clock } from '../utils/clock.ts';
import type { Lease, RecorderHub } from './hub.ts';
import { loudnessOf, rmsOf, smooth } from './level.ts';
import { faultOf } from './permission.ts';
import { Rechunker } from './rechunk.ts';
import {
  type PauseReason,
  type Recorder,
  RecorderError,
  type RecorderEvents,
  type RecorderFormat,
  type RecorderState,
} from './recorder.types.ts';

/** What one recording needs of the phone; injected, so that tests bring their own. */
export interface RecorderDeps {
  hub: RecorderHub;
  clock: Clock;
  /** Rejects with a {@link RecorderError} where the microphone may not be used. */
  ensurePermission(): Promise<void>;
  keepScreenOn(on: boolean): void;
  /** Listens for the app going to the background; the answer stops listening. */
  onAppHide(fn: () => void): () => void;
}

export const FRAME_MS = 100;
/** The phone ends a recording after 10 minutes. From here on the next quiet moment is used to begin a new one … */
export const RENEW_FROM_MS = 560_000;
/** … and here it is done in any case. */
export const RENEW_AT_MS = 590_000;
const SEGMENT_MAX_MS = 600_000;
const QUIET_LOUDNESS = 0.15;
const QUIET_FRAMES = 4;
/** Bounds of what the phone may take to open and to close the microphone. */
export const OPEN_WITHIN_MS = 8_000;
export const CLOSE_WITHIN_MS = 2_000;
/** A microphone that is still being given back is asked for again. */
export const OPEN_TRIES = 3;
export const OPEN_RETRY_MS = 300;

/**
 * How much a reason tells, where several come together: a call also sends the app to the background, and some phones
 * report the background as an interruption. A person's own pause stays one.
 */
const TELLS: Record<PauseReason, number> = { system: 0, interrupted: 1, hidden: 2, user: 3 };

interface Waiter {
  resolve(): void;
  reject(error: RecorderError): void;
}

/**
 * The phone's microphone as one endless recording.
 *
 * Inside it is a row of segments, each one `start` … `stop` of the recorder manager. A pause closes the segment (so the
 * microphone is really off), and so do an interruption and the 10-minute limit; going on opens the next. What is wanted
 * and what is so are kept apart and brought together in {@link MicRecorder.reconcile}, so that taps, calls and slow
 * phones may come in any order.
 */
class MicRecorder implements Recorder {
  readonly #deps: RecorderDeps;
  readonly #format: RecorderFormat;
  readonly #events = new Emitter<RecorderEvents>();
  readonly #rechunker: Rechunker;
  #state: RecorderState = { name: 'idle' };
  #lease: Lease | undefined;
  #segment: 'closed' | 'opening' | 'open' | 'closing' = 'closed';
  #wanted = false;
  #ended = false;
  #everOpened = false;
  #pauseReason: PauseReason = 'user';
  #interrupted = false;
  #openTries = 0;
  #openedAt = 0;
  #level = 0;
  #quietFrames = 0;
  #cancelTimer = (): void => {};
  #offHide = (): void => {};
  #openWaiters: Waiter[] = [];
  #restWaiters: (() => void)[] = [];

  constructor(deps: RecorderDeps, format: RecorderFormat) {
    this.#deps = deps;
    this.#format = format;
    const frameBytes = (format.sampleRateHz / 1000) * FRAME_MS * BYTES_PER_SAMPLE;
    this.#rechunker = new Rechunker(frameBytes, (pcm) => this.#deliver(pcm));
  }

  get state(): RecorderState {
    return this.#state;
  }

  on<E extends keyof RecorderEvents>(event: E, fn: RecorderEvents[E]): () => void {
    return this.#events.on(event, fn);
  }

  async start(): Promise<void> {
    if (this.#state.name !== 'idle') throw new RecorderError('failed', 'a recorder starts only once');
    this.#enter({ name: 'asking' });
    try {
      await this.#deps.ensurePermission();
    } catch (error) {
      const fault = error instanceof RecorderError ? error : new RecorderError('failed', String(error));
      this.#fail(fault);
      throw fault;
    }
    if (this.#ended) throw new RecorderError('failed', 'stopped before the microphone was open');
    this.#lease = this.#deps.hub.lease({
      started: () => this.#started(),
      frame: (pcm) => this.#segment !== 'closed' && this.#rechunker.push(pcm),
      paused: () => this.#suspend('system'),
      stopped: () => this.#stopped(),
      failed: (errMsg) => this.#failed(errMsg),
      interruption: (active) => this.#interruption(active),
    });
    if (this.#lease === undefined) {
      const fault = new RecorderError('busy', 'another recording holds the microphone');
      this.#fail(fault);
      throw fault;
    }
    this.#offHide = this.#deps.onAppHide(() => this.#suspend('hidden'));
    this.#enter({ name: 'starting' });
    return this.#open();
  }

  pause(): Promise<void> {
    this.#suspend('user');
    return this.#rest();
  }

  resume(): Promise<void> {
    if (this.#ended || this.#lease === undefined) {
      return Promise.reject(new RecorderError('failed', 'there is no recording to go on with'));
    }
    if (this.#state.name === 'paused') this.#enter({ name: 'starting' });
    return this.#open();
  }

  stop(): Promise<void> {
    if (this.#state.name === 'failed') return Promise.resolve();
    this.#ended = true;
    this.#wanted = false;
    const rest = this.#rest();
    this.#reconcile();
    return rest;
  }

  // --- what is wanted ---------------------------------------------------------------------------------

  #open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#openWaiters.push({ resolve, reject });
      this.#wanted = true;
      this.#openTries = 0;
      this.#reconcile();
    });
  }

  #rest(): Promise<void> {
    if (this.#segment === 'closed' && !this.#wanted && !this.#ended) return Promise.resolve();
    return this.#state.name === 'stopped'
      ? Promise.resolve()
      : new Promise((resolve) => void this.#restWaiters.push(resolve));
  }

  /** Something wants the recording to stand still. Of several reasons the one that says most is kept. */
  #suspend(reason: PauseReason): void {
    if (this.#ended || this.#lease === undefined) return;
    const precise = reason === 'system' && this.#interrupted ? 'interrupted' : reason;
    if (this.#wanted) {
      this.#wanted = false;
      this.#pauseReason = precise;
      this.#reconcile();
    } else if (precise !== 'user' && TELLS[precise] > TELLS[this.#pauseReason]) {
      this.#pauseReason = precise;
      if (this.#state.name === 'paused') this.#reconcile();
    }
  }

  /** Brings what is so towards what is wanted, one step; called again when the step is done. */
  #reconcile(): void {
    if (this.#segment === 'closed') {
      if (this.#wanted) this.#openSegment();
      else this.#comeToRest();
    } else if (this.#segment === 'open') {
      if (this.#wanted) this.#enter({ name: 'recording' });
      else this.#closeSegment();
    }
  }

  #comeToRest(): void {
    if (this.#level !== 0) this.#events.emit('level', 0);
    this.#level = 0;
    if (this.#ended) this.#release();
    else if (this.#everOpened) this.#deps.keepScreenOn(false);
    this.#enter(
      this.#ended
        ? { name: 'stopped' }
        : { name: 'paused', reason: this.#pauseReason, blocked: this.#interrupted },
    );
    for (const resolve of this.#restWaiters.splice(0)) resolve();
    const unmet = new RecorderError('failed', 'the recording was paused before the microphone was open');
    for (const waiter of this.#openWaiters.splice(0)) waiter.reject(unmet);
  }

  // --- segments ---------------------------------------------------------------------------------------

  #openSegment(): void {
    this.#segment = 'opening';
    this.#arm(OPEN_WITHIN_MS, () => {
      this.#lease?.stop();
      this.#failed('the microphone did not open in time');
    });
    this.#lease?.start({
      format: 'PCM',
      sampleRate: this.#format.sampleRateHz,
      numberOfChannels: 1,
      encodeBitRate: 48_000,
      frameSize: 4,
      duration: SEGMENT_MAX_MS,
    });
  }

  #closeSegment(): void {
    this.#segment = 'closing';
    this.#arm(CLOSE_WITHIN_MS, () => this.#stopped());
    this.#lease?.stop();
  }

  #started(): void {
    if (this.#segment !== 'opening') {
      if (this.#segment === 'closed') this.#lease?.stop();
      return;
    }
    this.#segment = 'open';
    this.#interrupted = false;
    this.#everOpened = true;
    this.#openedAt = this.#deps.clock.now();
    this.#quietFrames = 0;
    this.#arm(RENEW_AT_MS, () => this.#closeSegment());
    this.#deps.keepScreenOn(true);
    for (const waiter of this.#openWaiters.splice(0)) waiter.resolve();
    this.#reconcile();
  }

  #stopped(): void {
    if (this.#segment !== 'open' && this.#segment !== 'closing') return;
    const unasked = this.#segment === 'open' && this.#age() < RENEW_FROM_MS;
    this.#cancelTimer();
    this.#segment = 'closed';
    this.#rechunker.flush();
    if (unasked) this.#suspend('system');
    else this.#reconcile();
  }

  #failed(errMsg: string): void {
    if (this.#segment === 'closed') return;
    const error = faultOf(errMsg);
    if (this.#segment === 'closing') {
      this.#stopped();
    } else if (this.#segment === 'open') {
      this.#events.emit('error', error);
      this.#suspend('system');
    } else {
      this.#openFailed(error);
    }
  }

  #openFailed(error: RecorderError): void {
    this.#cancelTimer();
    this.#segment = 'closed';
    this.#openTries++;
    if (!this.#wanted) {
      this.#reconcile();
    } else if (error.fault === 'busy' && this.#openTries < OPEN_TRIES) {
      this.#lease?.stop();
      this.#arm(OPEN_RETRY_MS, () => this.#reconcile());
    } else {
      for (const waiter of this.#openWaiters.splice(0)) waiter.reject(error);
      if (this.#everOpened) {
        this.#events.emit('error', error);
        this.#suspend('system');
      } else {
        this.#fail(error);
      }
    }
  }

  #interruption(active: boolean): void {
    this.#interrupted = active;
    if (active) this.#suspend('interrupted');
    else if (this.#state.name === 'paused') this.#reconcile();
  }

  // --- sound ------------------------------------------------------------------------------------------

  #deliver(pcm: ArrayBuffer): void {
    this.#events.emit('frame', pcm);
    const loudness = loudnessOf(rmsOf(pcm));
    this.#level = smooth(this.#level, loudness);
    this.#events.emit('level', this.#level);
    this.#quietFrames = loudness < QUIET_LOUDNESS ? this.#quietFrames + 1 : 0;
    const quiet = this.#quietFrames >= QUIET_FRAMES && this.#age() >= RENEW_FROM_MS;
    if (quiet && this.#segment === 'open') this.#closeSegment();
  }

  // --- small things -----------------------------------------------------------------------------------

  #age(): number {
    return this.#deps.clock.now() - this.#openedAt;
  }

  #arm(ms: number, fn: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(ms, fn);
  }

  #release(): void {
    this.#cancelTimer();
    this.#offHide();
    this.#lease?.release();
    this.#lease = undefined;
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
    const old = this.#state;
    const same = old.name === state.name && (state.name !== 'paused' || isSamePause(old, state));
    if (same) return;
    this.#state = state;
    this.#events.emit('state', state);
  }
}

const isSamePause = (a: RecorderState, b: RecorderState): boolean =>
  a.name === 'paused' && b.name === 'paused' && a.reason === b.reason && a.blocked === b.blocked;

/** A recorder for one recording; nothing happens before its `start`. */
export const createRecorder = (deps: RecorderDeps, format: RecorderFormat): Recorder =>
  new MicRecorder(deps, format);
