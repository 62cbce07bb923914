import {
  type AnyErrorCode,
  errorTextFor,
  errorTextOf,
  formatAudioTime,
  RECORDER_ERROR_TEXTS,
  type Recorder,
  RecorderError,
  type RecorderFormat,
} from 'cloudbase-voice';
import { DEFAULT_ENGINE, ENGINES, type EngineName } from '../../../contract/engines.ts';
import type { AudioFormat, RecognizeAnswer } from '../../../contract/functions.ts';
import {
  BYTES_PER_SAMPLE,
  msToSamples,
  ONESHOT_MAX_BASE64_BYTES,
  ONESHOT_MAX_MS,
} from '../../../contract/limits.ts';
import { pcmToWav } from '../../../lib/wav.ts';
import type { RecognizeProgress, Recording } from '../../services/recognition.ts';
import { type ChosenFile, formatOfName } from '../../utils/files.ts';

/** `opening`: waits for the microphone, or for the permission dialog. `uploading`: only for larger recordings. */
export type OneshotPhase = 'idle' | 'opening' | 'recording' | 'uploading' | 'recognising' | 'done' | 'failed';

export interface OneshotView {
  phase: OneshotPhase;
  elapsed: string;
  /** The finger has moved away: lifting it discards the recording. */
  discarding: boolean;
  /** Started by a tap: continues without holding the button, until the next tap. */
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
  /** Keeps the audio of a recording that was recognised on this phone, where the user wants that. Never throws. */
  keepAudio(sessionId: string, rateHz: number, pieces: readonly ArrayBuffer[]): void;
  engine(): EngineName;
  /** Epoch ms. */
  now(): number;
  changed(view: OneshotView): void;
  level(level: number): void;
}

/** A press shorter than this is a tap: the recording continues without holding, ms. */
const TAP_MS = 350;
/** Base64 has 4 characters for 3 bytes. */
const MAX_FILE_BYTES = Math.floor(ONESHOT_MAX_BASE64_BYTES / 4) * 3;

/** One-shot recognition of a recording (push to talk) or of a chosen file. */
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
  /** The recording that is not recognised yet. `retry` sends it with the same id, so that it is stored and billed once. */
  #unrecognised: Recording | null = null;
  #percent = 0;

  constructor(deps: OneshotDeps) {
    this.#deps = deps;
  }

  get view(): OneshotView {
    return {
      phase: this.#phase,
      elapsed: formatAudioTime((this.#samples * 1000) / this.#rateHz),
      discarding: this.#discarding,
      handsFree: this.#handsFree,
      percent: this.#percent,
      text: this.#answer?.text ?? '',
      sessionId: this.#answer?.sessionId ?? '',
      problem: this.#problem,
    };
  }

  /** The button is touched: starts a recording, or ends one that continues without holding. */
  press(): void {
    if (this.#phase === 'recording' || this.#phase === 'opening') {
      if (this.#handsFree) void this.#finish();
    } else if (!this.#isProcessing) {
      this.#pressedAt = this.#deps.now();
      void this.#record();
    }
  }

  /** The finger has moved. @param away far enough to discard the recording */
  move(away: boolean): void {
    if (this.#phase !== 'recording' || this.#handsFree || away === this.#discarding) return;
    this.#discarding = away;
    this.#notify();
  }

  /** The button is released. */
  release(): void {
    if ((this.#phase !== 'recording' && this.#phase !== 'opening') || this.#handsFree) return;
    if (this.#discarding) this.discard();
    else if (this.#deps.now() - this.#pressedAt < TAP_MS) {
      this.#handsFree = true;
      this.#notify();
    } else if (this.#phase === 'opening') this.discard();
    else void this.#finish();
  }

  /** Discards the present recording. */
  discard(): void {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    this.#enter('idle');
    void recorder?.stop();
  }

  async recognizeFile(file: ChosenFile): Promise<void> {
    if (this.#phase === 'recording' || this.#phase === 'opening' || this.#isProcessing) return;
    if (file.sizeBytes > MAX_FILE_BYTES) return this.#showError('TOO_LARGE');
    const format = formatOfName(file.name);
    if (format === undefined) return this.#showError('AUDIO_UNSUPPORTED');
    this.#reset();
    await this.#recognize(this.#recordingOf({ filePath: file.filePath, sizeBytes: file.sizeBytes }, format));
  }

  /** Sends the same recording again. */
  async retry(): Promise<void> {
    if (this.#unrecognised === null || this.#phase !== 'failed') return;
    this.#problem = null;
    await this.#recognize(this.#unrecognised);
  }

  /** Ends a recording without sending it, and clears the result. */
  reset(): void {
    this.discard();
    this.#reset();
    this.#notify();
  }

  async #record(): Promise<void> {
    this.#reset();
    this.#enter('opening');
    this.#rateHz = ENGINES[this.#engine()].sampleRateHz;
    const recorder = this.#deps.createRecorder({
      sampleRateHz: this.#rateHz as RecorderFormat['sampleRateHz'],
    });
    this.#recorder = recorder;
    recorder.on('frame', (pcm) => recorder === this.#recorder && this.#addFrame(pcm));
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

  #addFrame(pcm: ArrayBuffer): void {
    const room = msToSamples(ONESHOT_MAX_MS, this.#rateHz) - this.#samples;
    const piece = pcm.slice(0, room * BYTES_PER_SAMPLE);
    if (piece.byteLength > 0) this.#pieces.push(piece);
    const before = this.view.elapsed;
    this.#samples += piece.byteLength / BYTES_PER_SAMPLE;
    if (this.view.elapsed !== before) this.#notify();
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
    if (this.#samples === 0) return this.#showError('NO_SPEECH');
    const pieces = this.#pieces.map((piece) => new Uint8Array(piece));
    const { buffer } = pcmToWav(pieces, this.#rateHz);
    await this.#recognize(this.#recordingOf({ bytes: buffer }, 'wav'));
  }

  #recordingOf(audio: Recording['audio'], format: AudioFormat): Recording {
    return { sessionId: this.#deps.newSessionId(), audio, engine: this.#engine(), format };
  }

  async #recognize(recording: Recording): Promise<void> {
    this.#unrecognised = recording;
    this.#percent = 0;
    this.#enter('recognising');
    try {
      this.#answer = await this.#deps.recognize(recording, (progress) => this.#progress(progress));
      this.#unrecognised = null;
      // A file has no pieces: it is not this phone's recording.
      if (this.#pieces.length > 0) this.#deps.keepAudio(recording.sessionId, this.#rateHz, this.#pieces);
      this.#pieces = [];
      this.#enter('done');
    } catch (error) {
      this.#fail(error);
    }
  }

  #progress(progress: RecognizeProgress): void {
    if (!this.#isProcessing) return;
    const percent = progress.stage === 'uploading' ? Math.round(progress.percent) : 100;
    if (progress.stage === this.#phase && percent === this.#percent) return;
    this.#percent = percent;
    this.#enter(progress.stage);
  }

  /** A recording is being uploaded or recognised. */
  get #isProcessing(): boolean {
    return this.#phase === 'uploading' || this.#phase === 'recognising';
  }

  /** The chosen engine where it supports one-shot recognition, else the default one. */
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
      this.#problem = { title, hint, microphone: false, retry: this.#unrecognised !== null };
    }
    this.#enter('failed');
  }

  #showError(code: AnyErrorCode): void {
    const { title, hint } = errorTextFor(code);
    this.#problem = { title, hint, microphone: false, retry: false };
    this.#enter('failed');
  }

  #reset(): void {
    this.#pieces = [];
    this.#samples = 0;
    this.#answer = null;
    this.#problem = null;
    this.#unrecognised = null;
    this.#handsFree = false;
    this.#discarding = false;
  }

  #enter(phase: OneshotPhase): void {
    this.#phase = phase;
    if (phase !== 'recording' && phase !== 'opening') this.#discarding = false;
    this.#notify();
  }

  #notify(): void {
    this.#deps.changed(this.view);
  }
}
