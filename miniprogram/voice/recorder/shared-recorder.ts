/** The part of `WechatMiniprogram.RecorderManager` that is used. */
export type RecorderManager = Pick<
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

/** Events of the recorder manager, passed to the holder of the lease. */
export interface RecorderListener {
  started?(): void;
  frame?(pcm: ArrayBuffer): void;
  /** The phone paused by itself: this app never calls `pause`. */
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
 * Shares the phone's single recorder manager between recordings. Its listeners cannot be removed, so they are registered once,
 * here, and pass the events on to the holder of the lease.
 */
export class SharedRecorder {
  readonly #manager: RecorderManager;
  #holder: RecorderListener | undefined;
  #listening = false;
  readonly #leaseListeners = new Set<() => void>();

  constructor(manager: RecorderManager) {
    this.#manager = manager;
  }

  get inUse(): boolean {
    return this.#holder !== undefined;
  }

  /** Acquires the microphone for `listener`. @returns undefined while another one has it */
  lease(listener: RecorderListener): Lease | undefined {
    if (this.#holder !== undefined) return undefined;
    this.#listen();
    this.#holder = listener;
    for (const fn of this.#leaseListeners) fn();
    const isHolder = (): boolean => this.#holder === listener;
    return {
      start: (options) => isHolder() && this.#manager.start(options),
      stop: () => isHolder() && this.#manager.stop(),
      release: () => {
        if (isHolder()) this.#holder = undefined;
      },
    };
  }

  /** Listens for the beginning of recordings. @returns a function that stops listening */
  onLease(fn: () => void): () => void {
    this.#leaseListeners.add(fn);
    return () => this.#leaseListeners.delete(fn);
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    const manager = this.#manager;
    // Opened after its lease was released: without a listener it is closed again.
    manager.onStart(() => (this.#holder ? this.#holder.started?.() : manager.stop()));
    manager.onFrameRecorded(({ frameBuffer }) => this.#holder?.frame?.(frameBuffer));
    manager.onPause(() => this.#holder?.paused?.());
    manager.onStop((result) => this.#holder?.stopped?.(result));
    manager.onError(({ errMsg }) => this.#holder?.failed?.(errMsg));
    manager.onInterruptionBegin(() => this.#holder?.interruption?.(true));
    manager.onInterruptionEnd(() => this.#holder?.interruption?.(false));
  }
}
