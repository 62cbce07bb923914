import { DEFAULT_ENGINE, ENGINES } from '../../../contract/engines.ts';
import type { StopAnswer } from '../../../contract/stream.ts';
import { EventEmitter } from '../../../lib/emitter.ts';
import type { Recorder, RecorderFormat } from '../recorder/recorder.types.ts';
import type { Line, VoiceOptions, VoiceSession } from '../session/voice-session.types.ts';
import { Recording } from './recording.ts';
import { type Phase, phaseOf, type RecordingSnapshot } from './recording-phase.ts';

/** Events of a {@link VoiceRecording}, by name, with their listeners. */
export interface VoiceRecordingEvents {
  /** `idle` → `starting` → `recording` ⇄ `paused` → `stopping` → `done`; `failed` from anywhere. */
  phase: (phase: Phase) => void;
  /** The transcript changed; the whole of it, oldest first. Replace what is shown, do not append. */
  lines: (lines: readonly Line[]) => void;
  /** Numbers, errors or the state changed; at most about four times a second while all is well. */
  snapshot: (snapshot: RecordingSnapshot) => void;
  /** Loudness, 0 … 1, ten a second while recording. */
  level: (level: number) => void;
}

/**
 * Microphone and session in one: permission, interruptions by calls, the app going to the background, and WeChat's ten minutes for
 * one recording are handled. One object per recording; no method rejects: what went wrong is in the snapshot.
 */
export class VoiceRecording {
  readonly #events = new EventEmitter<VoiceRecordingEvents>((error) =>
    console.error('a listener failed', error),
  );
  readonly #recording: Recording;
  #phase: Phase = 'idle';

  /** @internal a service makes it: `VoiceService.record` */
  constructor(recorder: Recorder, session: VoiceSession) {
    this.#recording = new Recording(recorder, session, {
      changed: () => this.#changed(),
      text: () => this.#events.emit('lines', this.lines),
      level: (level) => this.#events.emit('level', level),
    });
  }

  /** The present phase. */
  get phase(): Phase {
    return phaseOf(this.snapshot);
  }

  /** What a page shows of it now, except the transcript; {@link recordingViewOf} makes texts of it. */
  get snapshot(): RecordingSnapshot {
    return this.#recording.snapshot;
  }

  /** The transcript, oldest line first. */
  get lines(): readonly Line[] {
    return this.#recording.lines;
  }

  /** Adds a listener. @returns a function that removes it */
  on<E extends keyof VoiceRecordingEvents>(event: E, fn: VoiceRecordingEvents[E]): () => void {
    return this.#events.subscribe(event, fn);
  }

  /** Asks for the microphone and connects. Resolves when recording, or when that has failed. */
  start(options: VoiceOptions = {}): Promise<void> {
    return this.#recording.start(options);
  }

  /** Closes the microphone; the session stays connected. */
  pause(): void {
    this.#recording.pause();
  }

  /** Opens the microphone again after a pause of any reason. WeChat wants a tap for it. */
  resume(): void {
    this.#recording.resume();
  }

  /**
   * Ends the recording: resolves when all of it is recognised and stored, however often the network drops meanwhile. Null: nothing was
   * recorded, or ending it failed.
   */
  stop(): Promise<StopAnswer | null> {
    return this.#recording.stop();
  }

  /** Ends the recording; nothing of it is kept. */
  cancel(): Promise<void> {
    return this.#recording.cancel();
  }

  /** Takes the session back from another device. Only call it when the user asks. */
  reclaim(): Promise<void> {
    return this.#recording.reclaim();
  }

  /**
   * Leaves the page: what is not delivered stays on the phone for `resumePending`.
   * @returns whether there is anything to deliver later
   */
  leave(): boolean {
    return this.#recording.leave();
  }

  #changed(): void {
    const { phase } = this;
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#events.emit('phase', phase);
    }
    this.#events.emit('snapshot', this.snapshot);
  }
}

/** What a recording is made of. */
export interface RecordingFactories {
  createRecorder(format: RecorderFormat): Recorder;
  createSession(): VoiceSession;
}

/** A recording, ready to start. @param options decide the rate of the microphone */
export function createRecording(
  { createRecorder, createSession }: RecordingFactories,
  { engine = DEFAULT_ENGINE }: VoiceOptions = {},
): VoiceRecording {
  return new VoiceRecording(createRecorder({ sampleRateHz: ENGINES[engine].sampleRateHz }), createSession());
}
