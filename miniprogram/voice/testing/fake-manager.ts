import type { RecorderManager, StartOptions } from '../recorder/shared-recorder.ts';

/** Listeners as the phone calls them; only the newest one of an event, because the phone allows no second. */
interface Listeners {
  onStart: () => void;
  onStop: (result: { tempFilePath: string; duration: number; fileSize: number }) => void;
  onPause: () => void;
  onError: (error: { errMsg: string }) => void;
  onFrameRecorded: (frame: { frameBuffer: ArrayBuffer; isLastFrame: boolean }) => void;
  onInterruptionBegin: () => void;
  onInterruptionEnd: () => void;
}

/**
 * A recorder manager under the test's control. Strict: registering a listener twice, or starting while the microphone
 * is open, throws.
 */
export class FakeManager {
  /** Options of every `start`, in order. */
  readonly starts: StartOptions[] = [];
  stops = 0;
  open = false;
  /** What `stop` still delivers before `onStop`, as the phone does. */
  tail: ArrayBuffer[] = [];
  /** Answer `start` and `stop` at once; off: the test calls {@link started} and {@link stopped}. */
  prompt = true;
  /** Refuse the next starts with these messages. */
  refusals: string[] = [];
  readonly #listeners: Partial<Listeners> = {};

  /** The fake as the type that `SharedRecorder` takes. */
  get manager(): RecorderManager {
    const register =
      <E extends keyof Listeners>(event: E) =>
      (fn: Listeners[E]): void => {
        if (this.#listeners[event] !== undefined) throw new Error(`${event} was registered twice`);
        this.#listeners[event] = fn;
      };
    return {
      start: (options: StartOptions) => this.#start(options),
      stop: () => this.#stop(),
      onStart: register('onStart'),
      onStop: register('onStop'),
      onPause: register('onPause'),
      onError: register('onError'),
      onFrameRecorded: register('onFrameRecorded'),
      onInterruptionBegin: register('onInterruptionBegin'),
      onInterruptionEnd: register('onInterruptionEnd'),
    } as unknown as RecorderManager;
  }

  #start(options: StartOptions): void {
    this.starts.push(options);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      this.failed(refusal);
      return;
    }
    if (this.open) throw new Error('start while recording');
    if (this.prompt) this.started();
  }

  #stop(): void {
    this.stops++;
    if (this.prompt && this.open) this.stopped();
  }

  started(): void {
    this.open = true;
    this.#listeners.onStart?.();
  }

  /** The phone closes the microphone, asked or not. */
  stopped(): void {
    for (const frame of this.tail.splice(0)) this.frame(frame);
    this.open = false;
    this.#listeners.onStop?.({ tempFilePath: 'wxfile://tmp', duration: 0, fileSize: 0 });
  }

  paused(): void {
    this.#listeners.onPause?.();
  }

  failed(errMsg: string): void {
    this.#listeners.onError?.({ errMsg });
  }

  frame(frameBuffer: ArrayBuffer): void {
    this.#listeners.onFrameRecorded?.({ frameBuffer, isLastFrame: false });
  }

  interruption(active: boolean): void {
    if (active) this.#listeners.onInterruptionBegin?.();
    else this.#listeners.onInterruptionEnd?.();
  }
}
