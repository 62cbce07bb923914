import { DEFAULT_ENGINE, ENGINES, type EngineName } from '../../../contract/engines.ts';
import type { AudioFormat, RecognizeAnswer } from '../../../contract/functions.ts';
import {
  BYTES_PER_SAMPLE,
  msToSamples,
  ONESHOT_MAX_BASE64_BYTES,
  ONESHOT_MAX_MS,
} from '../../../contract/limits.ts';
import { wavOfPcm } from '../../../lib/wav.ts';
import type { Recorder, RecorderFormat } from '../../audio/recorder.types.ts';
import { RecorderError } from '../../audio/recorder.types.ts';
import { errorTextFor, errorTextOf, RECORDER_ERROR_TEXTS } from '../../services/error-text.ts';
import type { AnyErrorCode } from '../../services/local-errors.ts';
import type { RecognizeProgress, Recording } from '../../services/recognition.ts';
import { type ChosenFile, formatOfName } from '../../utils/files.ts';
import { clockOf } from '../../utils/format.ts';

/** `opening`: the microphone (or the permission dialog) is on its way. `uploading`: only what is not small. */
export type OneshotPhase = 'idle' | 'opening' | 'recording' | 'uploading' | 'recognising' | 'done' | 'failed';

export interface OneshotView {
  phase: OneshotPhase;
  elapsed: string;
  /** The finger has moved away: letting go throws the recording away. */
  discarding: boolean;
  /** Nobody holds the button; a tap ends it. */
  handsFree: boolean;
  /** How much is uploaded, 0 to 100, whole numbers. */
  percent: number;
  text: string;
  sessionId: string;
  problem: { title: string; hint: string; microphone: boolean; retry: boolean } | null;
}

export interface OneshotDeps {
  createRecorder(format: RecorderFormat): Recorder;
  recognize(
    recording: Recording,
    onProgress: (progress: RecognizeProgress) => void,
  ): Promise<RecognizeAnswer>;
  newSessionId(): string;
  engine(): EngineName;
  /** Epoch ms. */
  now(): number;
  changed(view: OneshotView): void;
  level(level: number): void;
}

/** A press shorter than this is a tap: the recording goes on without holding. */
const TAP_MS = 350;
/** Base64 makes 4 characters of 3 bytes. */
const MAX_FILE_BYTES = Math.floor(ONESHOT_MAX_BASE64_BYTES / 4) * 3;

/** Hold to talk, or choose a file; one request, one answer. */
export class OneshotModel {
  readonly #deps: OneshotDeps;
  #phase: OneshotPhase = 'idle';
  #recorder: Recorder | undefined;
  #pieces: ArrayBuffer[] = [];
  #samples = 0;
  #rateHz = 16_000;
  #pressedAt = 0;
  #handsFree = false;
  #discarding = false;
  #answer: RecognizeAnswer | null = null;
  #problem: OneshotView['problem'] = null;
  /** Kept so that another try sends the same recording under the same id: it is stored and paid for once. */
  #unheard: Recording | null = null;
  #percent = 0;

  constructor(deps: OneshotDeps) {
    this.#deps = deps;
  }

  get view(): OneshotView {
    return {
      phase: this.#phase,
      elapsed: clockOf((this.#samples * 1000) / this.#rateHz),
      discarding: this.#discarding,
      handsFree: this.#handsFree,
      percent: this.#percent,
      text: this.#answer?.text ?? '',
      sessionId: this.#answer?.sessionId ?? '',
      problem: this.#problem,
    };
  }

  /** The finger came down: begins, or ends what goes on without holding. */
  press(): void {
    if (this.#phase === 'recording' || this.#phase === 'opening') {
      if (this.#handsFree) void this.#finish();
    } else if (!this.#waiting) {
      this.#pressedAt = this.#deps.now();
      void this.#record();
    }
  }

  /** The finger moved: far away means "throw it away". */
  move(away: boolean): void {
    if (this.#phase !== 'recording' || this.#handsFree || away === this.#discarding) return;
    this.#discarding = away;
    this.#tell();
  }

  /** The finger was lifted. */
  release(): void {
    if ((this.#phase !== 'recording' && this.#phase !== 'opening') || this.#handsFree) return;
    if (this.#discarding) this.discard();
    else if (this.#deps.now() - this.#pressedAt < TAP_MS) {
      this.#handsFree = true;
      this.#tell();
    } else if (this.#phase === 'opening') this.discard();
    else void this.#finish();
  }

  /** Throws away what is being recorded. */
  discard(): void {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    this.#enter('idle');
    void recorder?.stop();
  }

  async recognizeFile(file: ChosenFile): Promise<void> {
    if (this.#phase === 'recording' || this.#phase === 'opening' || this.#waiting) return;
    if (file.sizeBytes > MAX_FILE_BYTES) return this.#refuse('TOO_LARGE');
    const format = formatOfName(file.name);
    if (format === undefined) return this.#refuse('AUDIO_UNSUPPORTED');
    this.#reset();
    await this.#send(this.#recordingOf({ filePath: file.filePath, sizeBytes: file.sizeBytes }, format));
  }

  /** Sends the same recording again. */
  async retry(): Promise<void> {
    if (this.#unheard === null || this.#phase !== 'failed') return;
    this.#problem = null;
    await this.#send(this.#unheard);
  }

  /** Back to the beginning; leaves nothing recording. */
  reset(): void {
    this.discard();
    this.#reset();
    this.#tell();
  }

  async #record(): Promise<void> {
    this.#reset();
    this.#enter('opening');
    this.#rateHz = ENGINES[this.#engine()].sampleRateHz;
    const recorder = this.#deps.createRecorder({
      sampleRateHz: this.#rateHz as RecorderFormat['sampleRateHz'],
    });
    this.#recorder = recorder;
    recorder.on('frame', (pcm) => recorder === this.#recorder && this.#keep(pcm));
    recorder.on('level', (level) => recorder === this.#recorder && this.#deps.level(level));
    recorder.on('state', ({ name }) => {
      if (name === 'paused' && recorder === this.#recorder) void this.#finish();
    });
    try {
      await recorder.start();
      if (recorder === this.#recorder && this.#phase === 'opening') this.#enter('recording');
    } catch (error) {
      if (recorder === this.#recorder) this.#fail(error);
    }
  }

  #keep(pcm: ArrayBuffer): void {
    const room = msToSamples(ONESHOT_MAX_MS, this.#rateHz) - this.#samples;
    const piece = pcm.slice(0, room * BYTES_PER_SAMPLE);
    if (piece.byteLength > 0) this.#pieces.push(piece);
    const before = this.view.elapsed;
    this.#samples += piece.byteLength / BYTES_PER_SAMPLE;
    if (this.view.elapsed !== before) this.#tell();
    if (this.#phase === 'recording' && this.#samples >= msToSamples(ONESHOT_MAX_MS, this.#rateHz))
      void this.#finish();
  }

  async #finish(): Promise<void> {
    const recorder = this.#recorder;
    if (recorder === undefined || (this.#phase !== 'recording' && this.#phase !== 'opening')) return;
    this.#enter('recognising');
    await recorder.stop();
    if (recorder !== this.#recorder) return;
    this.#recorder = undefined;
    if (this.#samples === 0) return this.#refuse('NO_SPEECH');
    const pieces = this.#pieces.map((piece) => new Uint8Array(piece));
    const { buffer } = wavOfPcm(pieces, this.#rateHz);
    await this.#send(this.#recordingOf({ bytes: buffer }, 'wav'));
  }

  #recordingOf(audio: Recording['audio'], format: AudioFormat): Recording {
    return { sessionId: this.#deps.newSessionId(), audio, engine: this.#engine(), format };
  }

  async #send(recording: Recording): Promise<void> {
    this.#unheard = recording;
    this.#percent = 0;
    this.#enter('recognising');
    try {
      this.#answer = await this.#deps.recognize(recording, (progress) => this.#progress(progress));
      this.#unheard = null;
      this.#pieces = [];
      this.#enter('done');
    } catch (error) {
      this.#fail(error);
    }
  }

  #progress(progress: RecognizeProgress): void {
    if (!this.#waiting) return;
    const percent = progress.stage === 'uploading' ? Math.round(progress.percent) : 100;
    if (progress.stage === this.#phase && percent === this.#percent) return;
    this.#percent = percent;
    this.#enter(progress.stage);
  }

  /** A recording is on its way to its text. */
  get #waiting(): boolean {
    return this.#phase === 'uploading' || this.#phase === 'recognising';
  }

  /** The chosen engine where it does one-shot recognition, else the default one. */
  #engine(): EngineName {
    const engine = this.#deps.engine();
    return ENGINES[engine].oneshot ? engine : DEFAULT_ENGINE;
  }

  #fail(error: unknown): void {
    this.#recorder = undefined;
    if (error instanceof RecorderError) {
      const { title, hint } = RECORDER_ERROR_TEXTS[error.code];
      this.#problem = { title, hint, microphone: error.code === 'denied', retry: false };
    } else {
      const { title, hint } = errorTextOf(error);
      this.#problem = { title, hint, microphone: false, retry: this.#unheard !== null };
    }
    this.#enter('failed');
  }

  #refuse(code: AnyErrorCode): void {
    const { title, hint } = errorTextFor(code);
    this.#problem = { title, hint, microphone: false, retry: false };
    this.#enter('failed');
  }

  #reset(): void {
    this.#pieces = [];
    this.#samples = 0;
    this.#answer = null;
    this.#problem = null;
    this.#unheard = null;
    this.#handsFree = false;
    this.#discarding = false;
  }

  #enter(phase: OneshotPhase): void {
    this.#phase = phase;
    if (phase !== 'recording' && phase !== 'opening') this.#discarding = false;
    this.#tell();
  }

  #tell(): void {
    this.#deps.changed(this.view);
  }
}
