import type {
  AsrEngine,
  Recogniser,
  RecogniserEvents,
  RecogniserOptions,
  RecognitionUpdate,
  Segment,
} from '../recogniser.ts';
import type { PhraseBank } from './bank.ts';
import { MelFrontEnd } from './mel.ts';
import { FRAME_MS, FRAME_SAMPLES, TUNING, WINDOW_SAMPLES } from './tuning.ts';
import { UtteranceDecoder } from './utterance-decoder.ts';
import { SpeechDetector } from './vad.ts';

/** An update is made every fifth frame of 20 ms, so that it depends only on the audio, not on how it was split. */
const FRAMES_PER_UPDATE = 5;
/** Energies that are kept from before an onset, frames. */
const LOOK_BACK_FRAMES = 12;
/** At this frame of a new stream it is known whether it began with steady noise. */
const NOISE_FLOOR_FRAMES = 26;

/**
 * A closed-set template matcher for demonstrations and tests: it recognises the enrolled phrases from the audio and
 * answers all other speech with `〔语音 N 秒〕`.
 */
export class PhraseEngine implements AsrEngine {
  readonly name = '短语库（演示与测试用）';
  readonly bank: PhraseBank;

  constructor(bank: PhraseBank) {
    this.bank = bank;
  }

  lagMs(): number {
    return 0;
  }

  open(events: RecogniserEvents, options: RecogniserOptions): Recogniser {
    return new PhraseRecogniser(this.bank, events, options);
  }

  async close(): Promise<void> {}
}

/** Recognises the phrases of a bank in one stream. Its texts are those of the bank and the placeholder, no others. */
class PhraseRecogniser implements Recogniser {
  readonly #bank: PhraseBank;
  readonly #events: RecogniserEvents;
  /** Silence that ends an utterance, frames. */
  readonly #holdFrames: number;
  readonly #frontEnd = new MelFrontEnd(FRAME_SAMPLES);
  readonly #detector: SpeechDetector;
  readonly #recent: Float32Array[] = [];
  #frame = -1;
  /** Length of the current run of frames with (without) speech. */
  #speechRun = 0;
  #silentRun = Number.POSITIVE_INFINITY;
  #utterance: UtteranceDecoder | null = null;
  #closed = false;

  constructor(bank: PhraseBank, events: RecogniserEvents, options: RecogniserOptions) {
    this.#bank = bank;
    this.#events = events;
    this.#holdFrames = Math.floor(Math.min(TUNING.holdMs, options.silenceMs) / FRAME_MS);
    this.#detector = new SpeechDetector(bank.level);
  }

  push(pcm: Int16Array): void {
    if (!this.#closed) this.#frontEnd.push(pcm, (energies) => this.#nextFrame(energies));
  }

  flush(): void {
    if (this.#closed) return;
    // a window of silence, so that the last samples are processed
    this.push(new Int16Array(WINDOW_SAMPLES));
    const finals = this.#utterance?.finish() ?? [];
    this.#utterance = null;
    this.#sendUpdate(finals, true);
    this.#closed = true;
  }

  close(): void {
    this.#closed = true;
    this.#utterance = null;
  }

  #nextFrame(energies: Float32Array): void {
    if (this.#closed) return;
    const now = ++this.#frame;
    const speech = this.#detector.next(energies);
    this.#recent.push(energies);
    if (this.#recent.length > LOOK_BACK_FRAMES) this.#recent.shift();
    this.#speechRun = speech ? this.#speechRun + 1 : 0;
    this.#silentRun = speech ? 0 : this.#silentRun + 1;
    this.#dropInitialNoise(now, speech);

    this.#utterance?.step(energies);
    if (this.#silentRun >= TUNING.gapFrames) this.#utterance?.endBurst();
    if (!this.#utterance?.active && this.#speechRun >= TUNING.onsetFrames) this.#beginBurst(now);
    else this.#utterance?.extendBurst(now, speech);

    const finals = this.#takeFinals(now);
    if (finals.length > 0 || now % FRAMES_PER_UPDATE === 0) this.#sendUpdate(finals, false);
  }

  /** Discards an utterance from the first frames that turns out to be steady noise. */
  #dropInitialNoise(now: number, speech: boolean): void {
    if (now !== NOISE_FLOOR_FRAMES || speech || !this.#utterance || !this.#detector.startedSteady) return;
    if (this.#utterance.openFrame < TUNING.onsetFrames) this.#utterance = null;
  }

  #beginBurst(now: number): void {
    this.#utterance ??= new UtteranceDecoder(this.#bank, this.#detector.noise);
    const start = now - TUNING.onsetFrames + 1;
    this.#utterance.beginBurst(start, now, this.#recent.slice(-(TUNING.onsetFrames + 2)));
  }

  #takeFinals(now: number): Segment[] {
    const utterance = this.#utterance;
    if (!utterance) return [];
    const tooLong = (now - utterance.openFrame) * FRAME_MS > TUNING.maxUtteranceMs;
    if (this.#silentRun >= this.#holdFrames || tooLong) {
      this.#utterance = null;
      return utterance.finish();
    }
    return now % FRAMES_PER_UPDATE === 0 ? utterance.takeFinals() : [];
  }

  #sendUpdate(finals: Segment[], last: boolean): void {
    const utterance = this.#utterance;
    const update: RecognitionUpdate = {
      finals,
      interim: utterance?.interim(this.#frame + 1) ?? null,
      speechStartMs: utterance ? utterance.startFrame * FRAME_MS : null,
      processedMs: (this.#frame + 1) * FRAME_MS,
      last,
    };
    this.#events.onUpdate(update);
  }
}
