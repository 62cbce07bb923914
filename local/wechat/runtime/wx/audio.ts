import { asyncApi, createListeners, type WxContext } from './call.ts';
import { readFile } from './file-store.ts';

type Context = WechatMiniprogram.InnerAudioContext;

/** WeChat's codes of `onError`. */
const SYSTEM_ERROR = 10001;
const FILE_ERROR = 10003;
const FORMAT_ERROR = 10004;
/** WeChat's range of `playbackRate`. */
const SLOWEST = 0.5;
const FASTEST = 2;

/**
 * One sound, played by an `<audio>` element of the page. Of WeChat's members it has those that the app uses.
 */
class InnerAudio {
  readonly #element = document.createElement('audio');
  readonly #time = createListeners<() => void>();
  readonly #ended = createListeners<() => void>();
  readonly #error = createListeners<(result: { errMsg: string; errCode: number }) => void>();
  readonly #destroyed: () => void;
  #src = '';

  constructor(destroyed: () => void) {
    this.#destroyed = destroyed;
    this.#element.dataset.wxAudio = '';
    this.#element.addEventListener('timeupdate', () => this.#time.emit());
    this.#element.addEventListener('ended', () => this.#ended.emit());
    this.#element.addEventListener('error', () => {
      if (this.#element.src !== '') this.#fail(FORMAT_ERROR, this.#element.error?.message ?? '');
    });
    document.body.append(this.#element);
  }

  readonly onTimeUpdate = this.#time.on;
  readonly onEnded = this.#ended.on;
  readonly onError = this.#error.on;

  get src(): string {
    return this.#src;
  }

  set src(path: string) {
    this.#release();
    this.#src = path;
    try {
      this.#element.src = URL.createObjectURL(new Blob([readFile(path)]));
    } catch (error) {
      queueMicrotask(() => this.#fail(FILE_ERROR, (error as Error).message));
    }
  }

  get currentTime(): number {
    return this.#element.currentTime;
  }

  get paused(): boolean {
    return this.#element.paused;
  }

  get playbackRate(): number {
    return this.#element.playbackRate;
  }

  /** A new file begins at `defaultPlaybackRate`. */
  set playbackRate(rate: number) {
    const allowed = Math.min(FASTEST, Math.max(SLOWEST, rate));
    this.#element.defaultPlaybackRate = allowed;
    this.#element.playbackRate = allowed;
  }

  readonly play = (): void => {
    // Rejected where a pause, or the end of this context, comes first.
    this.#element.play().catch((error: DOMException) => {
      if (error.name !== 'AbortError' && this.#element.src !== '') this.#fail(SYSTEM_ERROR, error.message);
    });
  };

  readonly pause = (): void => this.#element.pause();

  readonly destroy = (): void => {
    for (const listeners of [this.#time, this.#ended, this.#error]) listeners.off();
    this.#element.pause();
    this.#release();
    this.#element.remove();
    this.#destroyed();
  };

  #release(): void {
    if (this.#element.src === '') return;
    URL.revokeObjectURL(this.#element.src);
    this.#element.removeAttribute('src');
  }

  #fail(errCode: number, message: string): void {
    this.#error.emit({ errMsg: `${errCode}: ${message}`, errCode });
  }
}

/** Playing sounds. A call pauses all of them, as WeChat does. */
export const audioApi = ({ device }: WxContext) => {
  const playing = new Set<InnerAudio>();
  const interrupted = createListeners<() => void>();
  device.on('interruptionBegin', () => {
    for (const audio of playing) audio.pause();
    interrupted.emit();
  });
  return {
    createInnerAudioContext: (): Context => {
      const audio: InnerAudio = new InnerAudio(() => playing.delete(audio));
      playing.add(audio);
      return audio as unknown as Context;
    },
    /** A browser has no mute switch. */
    setInnerAudioOption: asyncApi<WechatMiniprogram.SetInnerAudioOption>('setInnerAudioOption', () => {}),
    onAudioInterruptionBegin: interrupted.on,
    offAudioInterruptionBegin: interrupted.off,
  } satisfies Partial<WechatMiniprogram.Wx>;
};
