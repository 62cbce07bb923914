import type { Clock } from '../../lib/clock.ts';
import { recorderErrorOf } from './permission.ts';
import type { RecorderError, RecorderFormat } from './recorder.types.ts';
import type { Lease, SharedRecorder } from './shared-recorder.ts';

/** The phone ends a recording after 10 minutes. From here on the next quiet moment is used to begin a new one … */
export const RENEW_FROM_MS = 560_000;
/** … and here it is done in any case. */
export const RENEW_AT_MS = 590_000;
const SEGMENT_MAX_MS = 600_000;
/** Bounds of what the phone may take to open and to close the microphone. */
export const OPEN_WITHIN_MS = 8_000;
export const CLOSE_WITHIN_MS = 2_000;
/** A microphone that is still being given back is asked for again. */
const OPEN_TRIES = 3;
const OPEN_RETRY_MS = 300;

export interface MicrophoneHandlers {
  opened(): void;
  frame(pcm: ArrayBuffer): void;
  /** `unasked`: the phone closed it by itself, and not because of its time limit. */
  closed(unasked: boolean): void;
  /** It could not be opened, and is closed. */
  refused(error: RecorderError): void;
  /** Something went wrong while it was open; it still has to be closed. */
  troubled(error: RecorderError): void;
  /** The phone paused it by itself. */
  paused(): void;
  interruption(active: boolean): void;
}

interface MicrophoneDeps {
  shared: SharedRecorder;
  clock: Clock;
}

/**
 * The phone's microphone, opened and closed any number of times; each time is one `start` … `stop` of the recorder
 * manager. Every wait for the phone is bounded.
 */
export class Microphone {
  readonly #deps: MicrophoneDeps;
  readonly #format: RecorderFormat;
  readonly #handlers: MicrophoneHandlers;
  #phase: 'closed' | 'opening' | 'open' | 'closing' = 'closed';
  #lease: Lease | undefined;
  #tries = 0;
  #openedAt = 0;
  #cancelTimer = (): void => {};

  constructor(deps: MicrophoneDeps, format: RecorderFormat, handlers: MicrophoneHandlers) {
    this.#deps = deps;
    this.#format = format;
    this.#handlers = handlers;
  }

  get phase(): 'closed' | 'opening' | 'open' | 'closing' {
    return this.#phase;
  }

  /** Whether it has been open so long that a quiet moment should be used to begin anew. */
  get due(): boolean {
    return this.#deps.clock.now() - this.#openedAt >= RENEW_FROM_MS;
  }

  /** Takes it for this recording; false while another one has it. */
  take(): boolean {
    this.#lease = this.#deps.shared.lease({
      started: () => this.#started(),
      frame: (pcm) => this.#phase !== 'closed' && this.#handlers.frame(pcm),
      paused: () => this.#handlers.paused(),
      stopped: () => this.#stopped(),
      failed: (errMsg) => this.#failed(errMsg),
      interruption: (active) => this.#handlers.interruption(active),
    });
    return this.#lease !== undefined;
  }

  get taken(): boolean {
    return this.#lease !== undefined;
  }

  release(): void {
    this.#cancelTimer();
    this.#lease?.release();
    this.#lease = undefined;
  }

  open(): void {
    this.#tries = 0;
    this.#tryToOpen();
  }

  close(): void {
    this.#phase = 'closing';
    this.#arm(CLOSE_WITHIN_MS, () => this.#stopped());
    this.#lease?.stop();
  }

  #tryToOpen(): void {
    this.#phase = 'opening';
    this.#tries++;
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
    if (this.#phase === 'opening') {
      this.#phase = 'open';
      this.#openedAt = this.#deps.clock.now();
      this.#arm(RENEW_AT_MS, () => this.close());
      this.#handlers.opened();
    } else if (this.#phase === 'closed') {
      this.#lease?.stop();
    }
  }

  #stopped(): void {
    if (this.#phase !== 'open' && this.#phase !== 'closing') return;
    const unasked = this.#phase === 'open' && !this.due;
    this.#cancelTimer();
    this.#phase = 'closed';
    this.#handlers.closed(unasked);
  }

  #failed(errMsg: string): void {
    const error = recorderErrorOf(errMsg);
    if (this.#phase === 'closing') {
      this.#stopped();
    } else if (this.#phase === 'open') {
      this.#handlers.troubled(error);
    } else if (this.#phase === 'opening') {
      this.#openFailed(error);
    }
  }

  #openFailed(error: RecorderError): void {
    if (error.code === 'busy' && this.#tries < OPEN_TRIES) {
      this.#lease?.stop();
      this.#arm(OPEN_RETRY_MS, () => this.#tryToOpen());
      return;
    }
    this.#cancelTimer();
    this.#phase = 'closed';
    this.#handlers.refused(error);
  }

  #arm(ms: number, fn: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(ms, fn);
  }
}
