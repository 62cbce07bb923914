import { systemClock } from '../../../../lib/clock.ts';
import type { Device, RecordingPage } from '../device.ts';
import { Playback } from './playback.ts';
import { BadSound, type Sound } from './sound.ts';
import type { Speaker } from './speaker.ts';
import type { Traffic } from './traffic.ts';

/** The window of the app. */
export type AppWindow = Window & {
  __device: Device;
  __ready?: boolean;
  __pages: {
    current(): string;
    open(route: string): void;
    page(): Record<string, (() => unknown) | undefined> | undefined;
  };
};

/** The app opens its microphone within this after it was told to record, ms. */
const OPENS_WITHIN_MS = 15_000;
/** The recorder may still be closing after the sound is over, ms. */
const CLOSES_WITHIN_MS = 3_000;
const POLL_MS = 50;

const until = async (done: () => boolean, withinMs: number): Promise<boolean> => {
  const end = performance.now() + withinMs;
  while (!done()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
};

/** Records sounds with the app, as its user does: opens its recording page and taps the button. */
export class SoundRecording {
  readonly #app: () => AppWindow;
  readonly #page: RecordingPage;
  readonly #speaker: Speaker;
  readonly #traffic: () => Readonly<Traffic> | undefined;
  #playback: Playback | undefined;
  /** The app's newest session when the playback began: not the one that records it. */
  #sessionBefore: string | undefined;

  /** @param traffic of the app's newest session */
  constructor(
    app: () => AppWindow,
    page: RecordingPage,
    speaker: Speaker,
    traffic: () => Readonly<Traffic> | undefined,
  ) {
    this.#app = app;
    this.#page = page;
    this.#speaker = speaker;
    this.#traffic = traffic;
  }

  /** What takes the place of the microphone now. */
  get playback(): Playback | undefined {
    return this.#playback;
  }

  /**
   * Starts a recording of this sound.
   * @throws BadSound when the app does not begin to record
   */
  async start(sound: Sound): Promise<void> {
    this.release();
    // It may have been loaded anew just now.
    await until(() => this.#app().__ready === true, OPENS_WITHIN_MS);
    const playback = new Playback(sound, {
      clock: systemClock,
      speaker: this.#speaker,
      ended: () => void this.#finish(playback),
    });
    this.#playback = playback;
    this.#sessionBefore = this.#traffic()?.sessionId;
    this.#app().__device.microphone = playback.open;
    this.#tap();
    if (await until(() => playback.playing || this.#playback !== playback, OPENS_WITHIN_MS)) return;
    this.release();
    throw new BadSound('小程序没有开始录音：先在手机里结束正在进行的录音，再试一次');
  }

  /** To be called whenever something has happened: the user may have ended the recording before the sound was over. */
  check(): void {
    const traffic = this.#traffic();
    const isOver = traffic?.ended === true && traffic.sessionId !== this.#sessionBefore;
    if (isOver && this.#playback?.playing === false) this.release();
  }

  /** The browser's microphone is the app's again. */
  release(): void {
    this.#playback?.stop();
    this.#playback = undefined;
    const device = this.#app().__device as Device | undefined;
    if (device !== undefined) device.microphone = undefined;
  }

  #tap(): void {
    const { __pages: pages } = this.#app();
    if (pages.current() !== this.#page.route) pages.open(`/${this.#page.route}`);
    pages.page()?.[this.#page.tap]?.();
  }

  /** The sound is over: so is the recording, and its text is shown. */
  async #finish(playback: Playback): Promise<void> {
    this.#tap();
    await until(() => !playback.playing, CLOSES_WITHIN_MS);
    if (this.#playback === playback) this.release();
  }
}
