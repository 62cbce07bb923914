import type { Clock } from '../../../lib/clock.ts';
import { stateTable } from '../../../lib/state-table.ts';
import { recorderErrorOf } from './permission.ts';
import type { RecorderError, RecorderFormat } from './recorder.types.ts';
import type { Lease, SharedRecorder } from './shared-recorder.ts';

/** The phone ends a recording after 10 minutes. From this age on it is replaced at the next quiet moment, … */
export const RENEW_FROM_MS = 560_000;
/** … and at this age in any case, ms. */
export const RENEW_AT_MS = 590_000;
const SEGMENT_MAX_MS = 600_000;
/** Time limits for the phone to open and to close the microphone, ms. */
export const OPEN_WITHIN_MS = 8_000;
export const CLOSE_WITHIN_MS = 2_000;
/** Attempts to open it while the phone reports that it is busy: another app may just be releasing it. */
const OPEN_ATTEMPTS = 3;
const OPEN_RETRY_MS = 300;

export interface MicrophoneHandlers {
  opened(): void;
  frame(pcm: ArrayBuffer): void;
  /** @param unexpected the phone closed it by itself, and not because of its time limit */
  closed(unexpected: boolean): void;
  /** It could not be opened, and is closed. */
  openFailed(error: RecorderError): void;
  /** The phone reported an error while it was open; it still has to be closed. */
  error(error: RecorderError): void;
  /** The phone paused it by itself. */
  paused(): void;
  interruption(active: boolean): void;
}

type MicrophoneState = 'closed' | 'opening' | 'open' | 'closing';
/** `open` and `close` are asked by the recorder; the phone reports the others. `openFailed`: after the last attempt. */
type MicrophoneEvent = 'open' | 'started' | 'openFailed' | 'close' | 'stopped';

// biome-ignore format: read as a table
export const MICROPHONE_TABLE = stateTable<MicrophoneState, MicrophoneEvent, MicrophoneState | 'none'>(
              ['closed',  'opening', 'open',    'closing'], {
  open:       ['opening', 'none',    'none',    'none'],
  started:    ['none',    'open',    'none',    'none'],
  openFailed: ['none',    'closed',  'none',    'none'],
  close:      ['none',    'none',    'closing', 'none'],
  stopped:    ['none',    'none',    'closed',  'closed'],
});

interface MicrophoneDeps {
  shared: SharedRecorder;
  clock: Clock;
}

/**
 * The phone's microphone, opened and closed any number of times; each time is one `start` and `stop` of the recorder
 * manager. Every wait for the phone has a time limit.
 */
export class Microphone {
  readonly #deps: MicrophoneDeps;
  readonly #format: RecorderFormat;
  readonly #handlers: MicrophoneHandlers;
  #state: MicrophoneState = 'closed';
  #lease: Lease | undefined;
  #attempts = 0;
  #openedAt = 0;
  #cancelTimer = (): void => {};

  constructor(deps: MicrophoneDeps, format: RecorderFormat, handlers: MicrophoneHandlers) {
    this.#deps = deps;
    this.#format = format;
    this.#handlers = handlers;
  }

  get state(): MicrophoneState {
    return this.#state;
  }

  /** Whether it has been open for so long that it should be replaced at the next quiet moment. */
  get renewalDue(): boolean {
    return this.#deps.clock.now() - this.#openedAt >= RENEW_FROM_MS;
  }

  /** Acquires it for this recording. @returns false while another recording has it */
  acquire(): boolean {
    this.#lease = this.#deps.shared.lease({
      started: () => this.#started(),
      frame: (pcm) => this.#state !== 'closed' && this.#handlers.frame(pcm),
      paused: () => this.#handlers.paused(),
      stopped: () => this.#stopped(),
      failed: (errMsg) => this.#failed(errMsg),
      interruption: (active) => this.#handlers.interruption(active),
    });
    return this.#lease !== undefined;
  }

  get acquired(): boolean {
    return this.#lease !== undefined;
  }

  release(): void {
    this.#cancelTimer();
    this.#lease?.release();
    this.#lease = undefined;
  }

  open(): void {
    if (!this.#apply('open')) return;
    this.#attempts = 0;
    this.#tryToOpen();
  }

  close(): void {
    if (!this.#apply('close')) return;
    this.#arm(CLOSE_WITHIN_MS, () => this.#stopped());
    this.#lease?.stop();
  }

  /** The only place where the state changes, and the event is why. @returns false where the table gives it no effect */
  #apply(event: MicrophoneEvent): boolean {
    const next = MICROPHONE_TABLE.next(this.#state, event);
    if (next === 'none') return false;
    this.#cancelTimer();
    this.#state = next;
    return true;
  }

  #tryToOpen(): void {
    this.#attempts++;
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

  #started(): void {
    if (this.#apply('started')) {
      this.#openedAt = this.#deps.clock.now();
      this.#arm(RENEW_AT_MS, () => this.close());
      this.#handlers.opened();
    } else if (this.#state === 'closed') {
      this.#lease?.stop();
    }
  }

  #stopped(): void {
    const unexpected = this.#state === 'open' && !this.renewalDue;
    if (this.#apply('stopped')) this.#handlers.closed(unexpected);
  }

  #failed(errMsg: string): void {
    const error = recorderErrorOf(errMsg);
    if (this.#state === 'closing') this.#stopped();
    else if (this.#state === 'open') this.#handlers.error(error);
    else if (this.#state === 'opening') this.#openFailed(error);
  }

  #openFailed(error: RecorderError): void {
    if (error.code === 'busy' && this.#attempts < OPEN_ATTEMPTS) {
      this.#lease?.stop();
      this.#arm(OPEN_RETRY_MS, () => this.#tryToOpen());
      return;
    }
    if (this.#apply('openFailed')) this.#handlers.openFailed(error);
  }

  #arm(ms: number, fn: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(ms, fn);
  }
}
