/// <reference types="miniprogram-api-typings" />
import type { RecorderManager } from '../miniprogram/voice/recorder/shared-recorder.ts';
import type { SimulatedHost } from './scheduler.ts';

/** The recorder manager delivers frames of this length, ms. */
const FRAME_MS = 200;
/** The phone opens and closes its microphone within this time, ms. */
const OPEN_MS = 120;
const CLOSE_MS = 30;

type Listener<T> = (result: T) => void;

/** WeChat's recorder manager on a simulated phone, with what a phone does to it: calls, and a permission that is taken away. */
export class SimRecorderManager {
  readonly #party: SimulatedHost;
  readonly #audio: (fromMs: number, toMs: number) => ArrayBuffer;
  readonly #positionMs: () => number;
  #state: 'closed' | 'opening' | 'open' = 'closed';
  #atMs = 0;
  #frameEndMs = 0;
  #isDenied = false;
  #cancel = () => {};
  #started: Listener<void> = () => {};
  #stopped: Listener<void> = () => {};
  #frame: Listener<{ frameBuffer: ArrayBuffer; isLastFrame: boolean }> = () => {};
  #failed: Listener<{ errMsg: string }> = () => {};
  #interruptionBegin: Listener<void> = () => {};
  #interruptionEnd: Listener<void> = () => {};
  #inCall = false;

  /**
   * @param audio what the microphone hears, by position in the recording
   * @param positionMs the recording's present length: what it hears next follows that
   */
  constructor(
    party: SimulatedHost,
    audio: (fromMs: number, toMs: number) => ArrayBuffer,
    positionMs: () => number,
  ) {
    this.#party = party;
    this.#audio = audio;
    this.#positionMs = positionMs;
  }

  /** The manager as the mini-program knows it. */
  get manager(): RecorderManager {
    return {
      start: () => this.#start(),
      stop: () => this.#stop(),
      onStart: (fn: Listener<void>) => {
        this.#started = fn;
      },
      onStop: (fn: Listener<void>) => {
        this.#stopped = fn;
      },
      // No phone that is simulated pauses by itself: it interrupts, or fails.
      onPause: () => {},
      onError: (fn: Listener<{ errMsg: string }>) => {
        this.#failed = fn;
      },
      onFrameRecorded: (fn: Listener<{ frameBuffer: ArrayBuffer; isLastFrame: boolean }>) => {
        this.#frame = fn;
      },
      onInterruptionBegin: (fn: Listener<void>) => {
        this.#interruptionBegin = fn;
      },
      onInterruptionEnd: (fn: Listener<void>) => {
        this.#interruptionEnd = fn;
      },
    } as unknown as RecorderManager;
  }

  /** A call takes the microphone for `ms`. */
  call(ms: number): void {
    if (this.#inCall) return;
    this.#inCall = true;
    this.#cancel();
    this.#interruptionBegin();
    this.#party.after(ms, () => {
      this.#inCall = false;
      this.#interruptionEnd();
    });
  }

  /** The person takes the permission away. */
  deny(): void {
    this.#isDenied = true;
    if (this.#state === 'closed') return;
    this.#cancel();
    this.#failed({ errMsg: 'operateRecorder:fail auth deny' });
  }

  #start(): void {
    if (this.#state !== 'closed') {
      this.#party.after(1, () => this.#failed({ errMsg: 'operateRecorder:fail:is recording or paused' }));
      return;
    }
    this.#state = 'opening';
    this.#cancel = this.#party.after(OPEN_MS, () => {
      if (this.#isDenied || this.#inCall) {
        this.#state = 'closed';
        const why = this.#isDenied ? 'auth deny' : 'audio session is occupied';
        this.#failed({ errMsg: `operateRecorder:fail ${why}` });
        return;
      }
      this.#state = 'open';
      this.#atMs = this.#positionMs();
      this.#frameEndMs = this.#party.now();
      this.#started();
      this.#record();
    });
  }

  #record(): void {
    this.#cancel = this.#party.after(FRAME_MS, () => {
      this.#frameEndMs = this.#party.now();
      this.#deliver(FRAME_MS);
      if (this.#state === 'open') this.#record();
    });
  }

  #deliver(ms: number): void {
    const fromMs = this.#atMs;
    this.#atMs += ms;
    const frameBuffer = this.#audio(fromMs, this.#atMs);
    if (frameBuffer.byteLength > 0) this.#frame({ frameBuffer, isLastFrame: false });
  }

  #stop(): void {
    if (this.#state === 'closed') return;
    this.#cancel();
    const heardMs = this.#inCall ? 0 : this.#party.now() - this.#frameEndMs;
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    this.#party.after(CLOSE_MS, () => {
      if (wasOpen) this.#deliver(Math.min(FRAME_MS, Math.max(0, heardMs)));
      this.#stopped();
    });
  }
}
