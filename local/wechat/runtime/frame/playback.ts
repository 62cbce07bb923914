import type { Clock } from '../../../../lib/clock.ts';
import type { Capture, OpenMicrophone } from '../device.ts';
import type { Sound } from './sound.ts';
import type { Speaker } from './speaker.ts';

const TICK_MS = 20;
/** Browsers run the timers of a hidden page once a second. After a longer pause (a suspended machine) the sound went on less far. */
const MAX_STEP_MS = 1_500;

/** What a playback works with. */
interface PlaybackDeps {
  clock: Clock;
  speaker: Speaker;
  /** The sound is over; silence follows. Called once. */
  ended: () => void;
}

/**
 * A sound in place of the microphone, at the speed of real speech. While the app's recorder is closed (a pause, a call) it
 * stands still, and the next recording goes on from there.
 */
export class Playback {
  readonly sound: Sound;
  readonly #deps: PlaybackDeps;
  #positionMs = 0;
  #ended = false;
  /** Ends the capture that is open. */
  #close: (() => void) | undefined;

  constructor(sound: Sound, deps: PlaybackDeps) {
    this.sound = sound;
    this.#deps = deps;
  }

  /** How far it was heard, ms. */
  get positionMs(): number {
    return Math.min(this.#positionMs, this.sound.durationMs);
  }

  /** Whether it is being recorded. */
  get playing(): boolean {
    return this.#close !== undefined;
  }

  readonly open: OpenMicrophone = async (rateHz) => {
    const samples = await this.sound.at(rateHz);
    this.stop();
    const { clock, speaker } = this.#deps;
    const capture: Capture = { onBlock: () => undefined, close: async () => close() };
    let lastAt = clock.now();
    let cancel = (): void => undefined;
    const tick = (): void => {
      const now = clock.now();
      const from = this.#positionMs;
      this.#positionMs += Math.min(now - lastAt, MAX_STEP_MS);
      lastAt = now;
      cancel = clock.after(TICK_MS, tick);
      const block = piece(samples, (from * rateHz) / 1000, (this.#positionMs * rateHz) / 1000);
      if (block.length > 0) capture.onBlock(block);
      if (this.#ended || this.#positionMs < this.sound.durationMs) return;
      this.#ended = true;
      this.#deps.ended();
    };
    const close = (): void => {
      cancel();
      if (this.#close !== close) return;
      this.#close = undefined;
      speaker.pause();
    };
    this.#close = close;
    cancel = clock.after(TICK_MS, tick);
    speaker.play(samples, rateHz, this.#positionMs);
    return capture;
  };

  /** Ends what is being recorded of it. */
  stop(): void {
    this.#close?.();
  }
}

/** Samples of a range; silence where there are none. */
const piece = (samples: Float32Array, from: number, to: number): Float32Array => {
  const start = Math.round(from);
  const block = new Float32Array(Math.round(to) - start);
  block.set(
    samples.subarray(Math.min(start, samples.length), Math.min(start + block.length, samples.length)),
  );
  return block;
};
