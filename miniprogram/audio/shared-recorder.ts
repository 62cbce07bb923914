/** The part of `WechatMiniprogram.RecorderManager` that is used. */
export type Manager = Pick<
  WechatMiniprogram.RecorderManager,
  | 'start'
  | 'stop'
  | 'onStart'
  | 'onStop'
  | 'onPause'
  | 'onError'
  | 'onFrameRecorded'
  | 'onInterruptionBegin'
  | 'onInterruptionEnd'
>;
export type StartOptions = WechatMiniprogram.RecorderManagerStartOption;
type StopResult = WechatMiniprogram.OnStopListenerResult;

/** Events of the recorder, for whoever holds the lease. */
export interface RecorderListener {
  started?(): void;
  frame?(pcm: ArrayBuffer): void;
  /** The phone paused by itself: nobody here ever asks for it. */
  paused?(): void;
  stopped?(result: StopResult): void;
  failed?(errMsg: string): void;
  interruption?(active: boolean): void;
}

/** The right to record; at most one exists at a time. */
export interface Lease {
  start(options: StartOptions): void;
  stop(): void;
  release(): void;
}

/**
 * Shares the phone's one recorder manager. Its listeners can never be taken off again, so they are put on once, here,
 * and passed to whoever holds the lease.
 */
export class SharedRecorder {
  readonly #manager: Manager;
  #holder: RecorderListener | undefined;
  #listening = false;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  /** Takes the microphone for `listener`, or answers `undefined` while somebody else has it. */
  lease(listener: RecorderListener): Lease | undefined {
    if (this.#holder !== undefined) return undefined;
    this.#listen();
    this.#holder = listener;
    const mine = (): boolean => this.#holder === listener;
    return {
      start: (options) => mine() && this.#manager.start(options),
      stop: () => mine() && this.#manager.stop(),
      release: () => {
        if (mine()) this.#holder = undefined;
      },
    };
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    const manager = this.#manager;
    // Opened after its lease was released: a microphone that nobody listens to is closed.
    manager.onStart(() => (this.#holder ? this.#holder.started?.() : manager.stop()));
    manager.onFrameRecorded(({ frameBuffer }) => this.#holder?.frame?.(frameBuffer));
    manager.onPause(() => this.#holder?.paused?.());
    manager.onStop((result) => this.#holder?.stopped?.(result));
    manager.onError(({ errMsg }) => this.#holder?.failed?.(errMsg));
    manager.onInterruptionBegin(() => this.#holder?.interruption?.(true));
    manager.onInterruptionEnd(() => this.#holder?.interruption?.(false));
  }
}
