import type {
  Hearing,
  Recogniser,
  RecogniserEvents,
  RecogniserOptions,
  Stretch,
} from '../engine/recogniser.ts';
import type { PhraseBank } from './bank.ts';
import { MelFrontEnd } from './mel.ts';
import { Segment } from './segment.ts';
import { FRAME_MS, FRAME_SAMPLES, TUNING, WINDOW_SAMPLES } from './tuning.ts';
import { SpeechDetector } from './vad.ts';

/** A hearing is made every fifth frame of 20 ms, so that it depends on the audio only, not on how it was cut. */
const FRAMES_PER_HEARING = 5;
/** Energies kept from before an onset, frames. */
const LOOK_BACK_FRAMES = 12;
/** Frames of a new stream after which the noise floor is known. */
const SETTLING_FRAMES = 26;

/** Recognises the phrases of a bank in one stream. Closed set: it never yields a text that was not enrolled. */
export class PhraseRecogniser implements Recogniser {
  readonly #bank: PhraseBank;
  readonly #events: RecogniserEvents;
  readonly #holdFrames: number;
  readonly #frontEnd = new MelFrontEnd(FRAME_SAMPLES);
  readonly #detector: SpeechDetector;
  readonly #recent: Float32Array[] = [];
  #frame = -1;
  #speechRun = 0;
  #silentRun = Number.POSITIVE_INFINITY;
  #segment: Segment | null = null;
  #closed = false;

  constructor(bank: PhraseBank, events: RecogniserEvents, options: RecogniserOptions) {
    this.#bank = bank;
    this.#events = events;
    this.#holdFrames = Math.floor(Math.min(TUNING.holdMs, options.silenceMs) / FRAME_MS);
    this.#detector = new SpeechDetector(bank.level);
  }

  push(pcm: Int16Array): void {
    if (!this.#closed) this.#frontEnd.push(pcm, (energies) => this.#next(energies));
  }

  flush(): void {
    if (this.#closed) return;
    // The last samples are only seen once the window has moved past them.
    this.push(new Int16Array(WINDOW_SAMPLES));
    const settled = this.#segment?.finish() ?? [];
    this.#segment = null;
    this.#report(settled, true);
    this.#closed = true;
  }

  close(): void {
    this.#closed = true;
    this.#segment = null;
  }

  #next(energies: Float32Array): void {
    if (this.#closed) return;
    const now = ++this.#frame;
    const speech = this.#detector.next(energies);
    this.#recent.push(energies);
    if (this.#recent.length > LOOK_BACK_FRAMES) this.#recent.shift();
    this.#speechRun = speech ? this.#speechRun + 1 : 0;
    this.#silentRun = speech ? 0 : this.#silentRun + 1;
    this.#dropSteadyNoise(now, speech);

    this.#segment?.step(energies);
    if (this.#silentRun >= TUNING.gapFrames) this.#segment?.pause();
    if (!this.#segment?.active && this.#speechRun >= TUNING.onsetFrames) this.#onset(now);
    else this.#segment?.extend(now, speech);

    const settled = this.#settle(now);
    if (settled.length > 0 || now % FRAMES_PER_HEARING === 0) this.#report(settled, false);
  }

  /** What looked like speech in the first frames was the noise that the stream began with. */
  #dropSteadyNoise(now: number, speech: boolean): void {
    if (now !== SETTLING_FRAMES || speech || !this.#segment) return;
    if (this.#segment.openFrame < TUNING.onsetFrames) this.#segment = null;
  }

  #onset(now: number): void {
    this.#segment ??= new Segment(this.#bank, this.#detector.noise);
    const start = now - TUNING.onsetFrames + 1;
    this.#segment.begin(start, now, this.#recent.slice(-(TUNING.onsetFrames + 2)));
  }

  #settle(now: number): Stretch[] {
    const segment = this.#segment;
    if (!segment) return [];
    const tooLong = (now - segment.openFrame) * FRAME_MS > TUNING.maxSegmentMs;
    if (this.#silentRun >= this.#holdFrames || tooLong) {
      this.#segment = null;
      return segment.finish();
    }
    return now % FRAMES_PER_HEARING === 0 ? segment.settle() : [];
  }

  #report(settled: Stretch[], last: boolean): void {
    const segment = this.#segment;
    const hearing: Hearing = {
      settled,
      open: segment?.open(this.#frame + 1) ?? null,
      speechStartMs: segment ? segment.startFrame * FRAME_MS : null,
      heardMs: (this.#frame + 1) * FRAME_MS,
      last,
    };
    this.#events.onHearing(hearing);
  }
}
